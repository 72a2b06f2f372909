import { error, redirect } from '@sveltejs/kit'
import { addressOfComment } from '#modules/community/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import type { RequestHandler } from './$types'

/** The lasting address of a comment: leads to where it stands now. */
export const GET: RequestHandler = async ({ params, locals }) => {
  const place = await addressOfComment(db(), params.id, locals.actor)
  if (place !== undefined) redirect(303, place)
  // It may stand below a post that is open to a member: the same answer whether it does or not.
  if (!locals.actor) redirect(303, `/sign-in?next=${encodeURIComponent(`/comments/${params.id}`)}`)
  error(404, 'There is no such comment, or its post is not open to you.')
}
