import { likeComment } from '#modules/community/server/index.ts'
import { liked } from '../../../liked.server.ts'
import type { RequestHandler } from './$types'

export const PUT: RequestHandler = (event) =>
  liked(event, (tx, member) => likeComment(tx, member, event.params.id, true))

export const DELETE: RequestHandler = (event) =>
  liked(event, (tx, member) => likeComment(tx, member, event.params.id, false))
