import { Readable } from 'node:stream'
import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { avatarFile } from '#modules/accounts/server/index.ts'
import { db, log, storage } from '#modules/platform/server/index.ts'

/** A member's picture: `?size=256`, or 64 px wide. Its id changes with the picture, so its address may be kept for ever. */
export const GET: RequestHandler = async ({ params, url }) => {
  const size = url.searchParams.get('size') === '256' ? 'large' : 'small'
  const file = await avatarFile(db(), params.id, size)
  if (!file) error(404, 'There is no picture here.')
  const stored = await storage().read(file.key)
  if (!stored) {
    log.error({ key: file.key }, 'the bytes of a picture are missing')
    error(503, 'This picture cannot be read right now.')
  }
  return new Response(Readable.toWeb(stored.stream) as ReadableStream, {
    headers: {
      'content-type': file.mediaType,
      'content-length': String(file.byteSize),
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    },
  })
}
