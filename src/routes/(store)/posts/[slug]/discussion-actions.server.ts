import { error, fail, redirect } from '@sveltejs/kit'
import { memberOnly, ownerOnly } from '#modules/accounts/server/index.ts'
import { readForm, typed } from '#modules/accounts/schemas.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { longestComment } from '#modules/community/comment-text.ts'
import { commentForm, commentIdForm, editForm } from '#modules/community/schemas.ts'
import {
  addressOfComment,
  closeComments,
  commentAddress,
  deleteComment,
  editComment,
  likeComment,
  likePost,
  mayComment,
  mayLike,
  mayReport,
  reportComment,
  writeComment,
} from '#modules/community/server/index.ts'
import { postFor } from '#modules/content/server/index.ts'
import {
  changingPublicData,
  db,
  inTransaction,
  postedForm,
} from '#modules/platform/server/index.ts'
import type { Actions, RequestEvent } from './$types'

/** What readers do below a post, as forms that work without script. */
export const discussionActions = {
  like: async (event: RequestEvent) => {
    const member = memberOnly(event)
    const isLiked = typed(await postedForm(event.request), 'on') === 'yes'
    const allowed = await mayLike(member)
    if (!allowed.ok) error(429, tooMany(event, 'You pressed often', allowed.retryAfterSeconds))
    const liked = await inTransaction((tx) => likePost(tx, member, event.params.slug, isLiked))
    if (!liked.ok) refuse(liked.reason)
    redirect(303, `/posts/${event.params.slug}#likes`)
  },

  likeComment: async (event: RequestEvent) => {
    const member = memberOnly(event)
    const form = await postedForm(event.request)
    const read = readForm(commentIdForm, form)
    if (!read.ok) error(400, 'This comment is not on this page any more.')
    const allowed = await mayLike(member)
    if (!allowed.ok) error(429, tooMany(event, 'You pressed often', allowed.retryAfterSeconds))
    const { comment } = read.values
    const liked = await inTransaction((tx) =>
      likeComment(tx, member, comment, typed(form, 'on') === 'yes'),
    )
    if (!liked.ok) refuse(liked.reason)
    redirect(303, (await addressOfComment(db(), comment, member)) ?? here(event))
  },

  comment: async (event: RequestEvent) => {
    const member = memberOnly(event)
    const form = await postedForm(event.request)
    const values = {
      body: text(form, 'body'),
      name: typed(form, 'name'),
      answers: typed(form, 'answers'),
    }
    const again = (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, { form: 'comment' as const, comment: '', errors, values })
    const read = readForm(commentForm, form)
    if (!read.ok) return again(400, read.errors)
    const allowed = await mayComment(db(), member)
    if (!allowed.ok)
      return again(429, { '': tooMany(event, 'You wrote', allowed.retryAfterSeconds) })
    const { website, ...written } = read.values
    const result = await changingPublicData(() =>
      inTransaction((tx) =>
        writeComment(tx, member, { ...written, slug: event.params.slug, hiddenField: website }),
      ),
    )
    if (result.ok) {
      if (!result.isShown) redirect(303, `/posts/${event.params.slug}?said=held#comments`)
      const place = await addressOfComment(db(), result.id, member)
      redirect(303, place ?? commentAddress(event.params.slug, result.id))
    }
    switch (result.reason) {
      case 'name':
        return again(422, { name: result.words })
      case 'closed':
        return again(409, { '': 'Comments on this post were closed meanwhile.' })
      case 'gone':
        return again(409, { '': 'What you answer is not there any more. Yours would stand alone.' })
      case 'none':
      case 'banned':
        return refuse(result.reason)
    }
  },

  edit: async (event: RequestEvent) => {
    const member = memberOnly(event)
    const form = await postedForm(event.request)
    const comment = typed(form, 'comment')
    const again = (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, {
        form: 'edit' as const,
        comment,
        errors,
        values: { body: text(form, 'body'), name: '', answers: '' },
      })
    const read = readForm(editForm, form)
    if (!read.ok) return again(400, read.errors)
    const result = await changingPublicData(() =>
      inTransaction((tx) => editComment(tx, member, read.values.comment, read.values.body)),
    )
    if (result.ok) {
      if (!result.isShown) redirect(303, `/posts/${result.slug}?said=held#comments`)
      redirect(303, (await addressOfComment(db(), read.values.comment, member)) ?? here(event))
    }
    if (result.reason === 'late') redirect(303, `/posts/${event.params.slug}?said=late#comments`)
    return refuse(result.reason)
  },

  remove: async (event: RequestEvent) => {
    const member = memberOnly(event)
    const read = readForm(commentIdForm, await postedForm(event.request))
    if (!read.ok) error(400, 'This comment is not on this page any more.')
    const result = await changingPublicData(() =>
      inTransaction((tx) => deleteComment(tx, member, read.values.comment)),
    )
    if (!result.ok) error(404, 'This comment is not on this page any more.')
    redirect(303, `/posts/${result.slug}?said=deleted#comments`)
  },

  report: async (event: RequestEvent) => {
    const member = memberOnly(event)
    const read = readForm(commentIdForm, await postedForm(event.request))
    if (!read.ok) error(400, 'This comment is not on this page any more.')
    const allowed = await mayReport(member)
    if (!allowed.ok) error(429, tooMany(event, 'You reported much', allowed.retryAfterSeconds))
    const result = await changingPublicData(() =>
      inTransaction((tx) => reportComment(tx, member, read.values.comment)),
    )
    if (result.ok) redirect(303, `/posts/${result.slug}?said=reported#comments`)
    if (result.reason === 'again')
      redirect(303, `/posts/${event.params.slug}?said=reported-before#comments`)
    if (result.reason === 'own') error(400, 'This is your own comment: you can delete it.')
    return refuse(result.reason)
  },

  close: async (event: RequestEvent) => {
    const owner = ownerOnly(event)
    const isClosed = typed(await postedForm(event.request), 'closed') === 'yes'
    const found = await postFor(db(), event.params.slug, owner)
    if (found.found !== 'post') error(404, 'There is no post at this address.')
    await inTransaction((tx) => closeComments(tx, owner, found.post.id, isClosed))
    redirect(303, `/posts/${found.post.slug}#comments`)
  },
} satisfies Actions

const here = (event: RequestEvent) => `/posts/${event.params.slug}#comments`

/** As it was typed, a little more than is allowed, so that nobody loses what they wrote. */
function text(form: FormData, field: string): string {
  const value = form.get(field)
  return typeof value === 'string' ? value.slice(0, 2 * longestComment) : ''
}

function refuse(reason: 'none' | 'banned'): never {
  if (reason === 'banned')
    error(403, 'The owner of this shop does not want you to comment or like here any more.')
  error(404, 'This is not here, or not open to you.')
}
