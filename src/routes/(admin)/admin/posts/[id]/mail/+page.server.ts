import { error, fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import {
  leaveByOwner,
  mailingOf,
  mailPost,
  ownerPost,
  stopMailing,
} from '#modules/content/server/index.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

const gone = 'There is no such post (any more).'
const told = ['mailed', 'waiting', 'stopped', 'nobody', 'marked'] as const

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const post = await ownerPost(db(), event.params.id)
  if (!post) error(404, gone)
  const asked = event.url.searchParams.get('done')
  return {
    post: {
      id: post.id,
      title: post.title,
      state: post.state,
      publishedAt: post.publishedAt,
      isDeleted: post.deletedAt !== undefined,
      isEmpty: post.bodyMd.trim() === '',
      isPremium: post.access.kind === 'premium',
    },
    ...(await mailingOf(db(), post.id)),
    done: told.find((one) => one === asked),
  }
}

const home = (id: string, done: (typeof told)[number]) => `/admin/posts/${id}/mail?done=${done}`

export const actions: Actions = {
  mail: async (event) => {
    const owner = ownerOnly(event)
    const { id } = event.params
    const mailed = await inTransaction((tx) => mailPost(tx, owner, id))
    if (mailed.ok) redirect(303, home(id, mailed.state === 'running' ? 'mailed' : 'waiting'))
    if (mailed.reason === 'nobody') redirect(303, home(id, 'nobody'))
    error(404, gone)
  },

  stop: async (event) => {
    const owner = ownerOnly(event)
    const { id } = event.params
    if (!(await ownerPost(db(), id))) error(404, gone)
    await inTransaction((tx) => stopMailing(tx, owner, id))
    redirect(303, home(id, 'stopped'))
  },

  /** The owner heard that an address does not work, or that its reader complained. */
  mark: async (event) => {
    const owner = ownerOnly(event)
    const { id } = event.params
    if (!(await ownerPost(db(), id))) error(404, gone)
    const typed = textField(await postedForm(event.request), 'email').slice(0, 300)
    const email = canonicalEmail(typed)
    if (email === undefined)
      return fail(400, { email: typed, problem: 'Type an address such as ann@example.com.' })
    if (!(await inTransaction((tx) => leaveByOwner(tx, owner, email))))
      return fail(404, { email: typed, problem: 'Nobody gets posts by mail at this address.' })
    redirect(303, home(id, 'marked'))
  },
}
