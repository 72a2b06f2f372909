import { error, fail, redirect } from '@sveltejs/kit'
import { readForm } from '#modules/accounts/schemas.ts'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { ownerProducts, productTitles } from '#modules/catalog/server/index.ts'
import { scheduleForm } from '#modules/content/schemas.ts'
import {
  allCategories,
  deletePost,
  deletePostForGood,
  dropTyped,
  editPost,
  mailingOf,
  mailPost,
  mostPostPictures,
  ownerPost,
  postPictures,
  postSeen,
  publishPost,
  restorePost,
  typedIn,
  unpublishPost,
} from '#modules/content/server/index.ts'
import { previewOf } from '#modules/content/teaser.ts'
import {
  db,
  discardBytes,
  inTransaction,
  now,
  postedForm,
  runtime,
} from '#modules/platform/server/index.ts'
import { momentAt, wallClock } from '#modules/platform/zoned-moment.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { findProductKind } from '#boot/server/product-kinds.ts'
import { plans } from '#modules/memberships/server/index.ts'
import { differing } from '../../../meanwhile.ts'
import type { Opener, PostFields } from './post-fields.ts'
import { pictureActions } from './picture-actions.server.ts'
import { keptFields, postedFields, readPost, savedFields } from './post-form.server.ts'
import type { Actions, PageServerLoad } from './$types'

const gone = 'There is no such post (any more).'

/** What a list of ticks can hold; a shop of one has fewer products. */
const mostListed = 200

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const post = await ownerPost(db(), event.params.id)
  if (!post) error(404, gone)
  const [typed, categories, allPlans, site, present, mailing] = await Promise.all([
    typedIn(db(), post.id),
    allCategories(db()),
    plans(db()),
    siteIdentity(db()),
    now(db()),
    mailingOf(db(), post.id),
  ])
  const saved = savedFields(post, postSeen(post))
  // What came late, after it was saved, is nothing new.
  const kept =
    typed && isOther(saved, keptFields(typed.fields)) ? keptFields(typed.fields) : undefined
  // An hour from now, on the hour, is where most people begin to choose.
  const soon = new Date(Math.ceil((present.getTime() + 1_800_000) / 3_600_000) * 3_600_000)
  const suggested = wallClock(
    post.state === 'scheduled' && post.publishedAt ? post.publishedAt : soon,
    site.timeZone,
  )
  return {
    post,
    saved,
    typed: typed && kept && { version: typed.version, fields: kept, at: typed.typedAt },
    categories,
    plans: allPlans.map(({ id, title, isEnabled }): Opener => ({
      id,
      title,
      note: isEnabled ? '' : 'nobody new',
    })),
    products: await productOpeners([...saved.products, ...(kept?.products ?? [])]),
    pictures: await postPictures(db(), post.id),
    mostPictures: mostPostPictures,
    preview: previewOf((kept ?? saved).bodyMd),
    suggested,
    byMail: { people: mailing.toMail, isWaiting: mailing.mailing?.state === 'waiting' },
    origin: runtime().settings.origin,
    author: site.ownerName || site.name,
    done: event.url.searchParams.get('done') ?? '',
  }
}

/**
 * What is sold, and what was chosen before and is not sold any more. Whoever buys a bundle owns its parts and not the bundle, so the
 * parts stand here.
 */
async function productOpeners(chosen: readonly string[]): Promise<readonly Opener[]> {
  const { items } = await ownerProducts(db(), {
    state: undefined,
    search: '',
    limit: mostListed,
    offset: 0,
  })
  const owned = items.filter(({ kind }) => !findProductKind(kind)?.parts)
  const listed = new Set(items.map(({ id }) => id))
  const others = await productTitles(
    db(),
    chosen.filter((id) => !listed.has(id)),
  )
  return [
    ...owned.map(({ id, title, state }) => ({ id, title, note: state === 'draft' ? 'draft' : '' })),
    ...[...others].map(([id, { title }]) => ({ id, title, note: 'no longer sold' })),
  ]
}

function isOther(saved: PostFields, kept: PostFields): boolean {
  return meanwhile(saved, kept).length > 0
}

/** What somebody else saved meanwhile, where it differs from what stands in the form. */
function meanwhile(stored: PostFields, typed: PostFields) {
  return [
    ...differing(
      { title: 'Title', bodyMd: 'Text', category: 'Category', author: 'Author', slug: 'Address' },
      stored,
      typed,
    ),
    ...(readers(stored) === readers(typed)
      ? []
      : [
          {
            label: 'Who may read it',
            text:
              stored.access === 'free' ? 'Everybody' : 'Premium, opened by other things than here',
          },
        ]),
  ]
}

const readers = (fields: PostFields) =>
  fields.access === 'free'
    ? 'free'
    : JSON.stringify([fields.anyPlan, fields.plans.toSorted(), fields.products.toSorted()])

/** What the page is given when a form comes back. */
interface Answer {
  /** Where it stands. */
  readonly part: 'words' | 'state'
  readonly errors: Readonly<Record<string, string>>
  readonly values?: PostFields
  /** What somebody else saved meanwhile. */
  readonly stored?: ReturnType<typeof meanwhile>
  readonly preview?: ReturnType<typeof previewOf>
}

const again = (
  part: Answer['part'],
  status: number,
  errors: Answer['errors'],
  more: Pick<Answer, 'values' | 'stored'> = {},
) => fail(status, { part, errors, ...more } satisfies Answer as Answer)

const path = (id: string, done: string) => `/admin/posts/${id}?done=${done}`

export const actions: Actions = {
  ...pictureActions,

  save: async (event) => {
    const owner = ownerOnly(event)
    const { id } = event.params
    const values = postedFields(await postedForm(event.request))
    const read = readPost(values)
    if (!read.ok) return again('words', 400, read.errors, { values })
    const edited = await inTransaction((tx) =>
      editPost(tx, owner, id, read.post, values.seen || undefined),
    )
    if (edited.ok) redirect(303, path(id, 'saved'))
    switch (edited.reason) {
      case 'not_found':
        return error(404, gone)
      case 'deleted':
        return again(
          'words',
          409,
          { '': 'It was deleted meanwhile. Bring it back first.' },
          { values },
        )
      case 'slug_taken':
        return again(
          'words',
          409,
          { slug: 'Another post has this address, or once had it. Choose another one.' },
          { values },
        )
      case 'changed': {
        const post = await ownerPost(db(), id)
        if (!post) return error(404, gone)
        const stored = savedFields(post, postSeen(post))
        return again(
          'words',
          409,
          {},
          { values: { ...values, seen: stored.seen }, stored: meanwhile(stored, values) },
        )
      }
    }
  },

  /** Where script does not run: the page again, with what was typed and how it will be read. */
  preview: async (event) => {
    ownerOnly(event)
    const values = postedFields(await postedForm(event.request))
    const read = readPost(values)
    if (!read.ok && read.errors.bodyMd)
      return again('words', 400, { bodyMd: read.errors.bodyMd }, { values })
    const answer: Answer = {
      part: 'words',
      errors: {},
      values,
      preview: previewOf(values.bodyMd),
    }
    return answer
  },

  publish: async (event) => {
    const owner = ownerOnly(event)
    const { id } = event.params
    const isMailed = wantsMail(await postedForm(event.request))
    const published = await inTransaction(async (tx) => {
      const result = await publishPost(tx, owner, id)
      if (result.ok && isMailed) await mailPost(tx, owner, id)
      return result
    })
    if (published.ok) redirect(303, path(id, 'published'))
    return refusal(published.reason)
  },

  schedule: async (event) => {
    const owner = ownerOnly(event)
    const { id } = event.params
    const posted = await postedForm(event.request)
    const form = readForm(scheduleForm, posted)
    const { timeZone } = await siteIdentity(db())
    const at = form.ok ? momentAt(form.values.day, form.values.time, timeZone) : undefined
    if (!at)
      return again('state', 400, { day: 'Choose a day and a time, such as 2027-01-31 and 08:00.' })
    const scheduled = await inTransaction(async (tx) => {
      const result = await publishPost(tx, owner, id, at)
      if (result.ok && wantsMail(posted)) await mailPost(tx, owner, id)
      return result
    })
    if (scheduled.ok) redirect(303, path(id, 'scheduled'))
    return refusal(scheduled.reason)
  },

  unpublish: async (event) => {
    const owner = ownerOnly(event)
    const { id } = event.params
    if (!(await inTransaction((tx) => unpublishPost(tx, owner, id)))) error(404, gone)
    redirect(303, path(id, 'draft'))
  },

  remove: async (event) => {
    const owner = ownerOnly(event)
    if (!(await inTransaction((tx) => deletePost(tx, owner, event.params.id)))) error(404, gone)
    redirect(303, '/admin/posts?done=deleted')
  },

  restore: async (event) => {
    const owner = ownerOnly(event)
    const { id } = event.params
    if (!(await inTransaction((tx) => restorePost(tx, owner, id)))) error(404, gone)
    redirect(303, path(id, 'restored'))
  },

  removeForGood: async (event) => {
    const owner = ownerOnly(event)
    const { id } = event.params
    const bytes = await inTransaction((tx) => deletePostForGood(tx, owner, id))
    if (!bytes) error(404, gone)
    await discardBytes(bytes)
    redirect(303, '/admin/posts?state=deleted&done=gone')
  },

  /** Lets go of what was typed and not saved. */
  discard: async (event) => {
    ownerOnly(event)
    const { id } = event.params
    if (!(await ownerPost(db(), id))) error(404, gone)
    await inTransaction((tx) => dropTyped(tx, id))
    redirect(303, path(id, 'discarded'))
  },
}

/** The tick beside publishing: nobody is mailed unless the owner wants it. */
const wantsMail = (form: FormData) => form.get('mail') === 'yes'

function refusal(reason: 'not_found' | 'deleted' | 'empty' | 'past') {
  switch (reason) {
    case 'not_found':
      return error(404, gone)
    case 'deleted':
      return again('state', 409, { '': 'It was deleted. Bring it back first.' })
    case 'empty':
      return again('state', 409, { '': 'It has no text yet. Write some and save it first.' })
    case 'past':
      return again('state', 400, { day: 'This moment is over. Choose one that is still to come.' })
  }
}
