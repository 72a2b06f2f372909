import { error, redirect } from '@sveltejs/kit'
import { readForm } from '#modules/accounts/schemas.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { decisionForm } from '#modules/community/schemas.ts'
import { commentOfToken, decide } from '#modules/community/server/index.ts'
import {
  changingPublicData,
  db,
  inTransaction,
  postedForm,
  useLimit,
} from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

/** The page of a mail to the owner. Opening it decides nothing: mail scanners open every link. */
export const load: PageServerLoad = async ({ params, setHeaders, url }) => {
  // The address of this page is the secret: it is told to no other site.
  setHeaders({ 'referrer-policy': 'same-origin' })
  const { id, standing, body, slug, postTitle, createdAt } = await commentBy(params.token)
  return {
    comment: { id, standing, body, createdAt, post: { slug, title: postTitle } },
    isDone: url.searchParams.get('done') === 'decided',
  }
}

export const actions: Actions = {
  default: async (event) => {
    const { token } = event.params
    const comment = await commentBy(token)
    const limit = { name: 'comment:mail-decision', most: 30, windowSeconds: 3_600 }
    const allowed = await useLimit(limit, comment.id)
    if (!allowed.ok)
      error(429, tooMany(event, 'There were many decisions', allowed.retryAfterSeconds))
    const form = await postedForm(event.request)
    form.set('comment', comment.id)
    const read = readForm(decisionForm, form)
    if (!read.ok) error(400, 'Choose what becomes of it: show it, hide it, or call it spam.')
    const { decision } = read.values
    const result = await changingPublicData(() =>
      inTransaction((tx) => decide(tx, 'mail', comment.id, decision)),
    )
    if (!result.ok && result.reason === 'gone') error(410, goneWords)
    redirect(303, `/comments/decide/${token}?done=decided`)
  },
}

const goneWords = 'This comment is not there any more: its writer or its post is gone.'

async function commentBy(token: string) {
  const found = await commentOfToken(db(), token)
  switch (found.found) {
    case 'comment':
      return found.comment
    case 'unknown':
      return error(404, 'This link is not one of ours, or is incomplete.')
    case 'gone':
      return error(410, goneWords)
    case 'old':
      return error(
        410,
        'This link is too old. The comment still stands under Comments of your pages.',
      )
  }
}
