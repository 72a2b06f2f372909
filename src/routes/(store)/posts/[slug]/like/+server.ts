import { likePost } from '#modules/community/server/index.ts'
import { liked } from '../../../../liked.server.ts'
import type { RequestHandler } from './$types'

export const PUT: RequestHandler = (event) =>
  liked(event, (tx, member) => likePost(tx, member, event.params.slug, true))

export const DELETE: RequestHandler = (event) =>
  liked(event, (tx, member) => likePost(tx, member, event.params.slug, false))
