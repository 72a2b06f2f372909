import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { avatarFile } from '#modules/accounts/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { storedPicture } from '../../stored-picture.server.ts'

/** A member's picture: `?size=256`, or 64 px wide. Its id changes with the picture, so its address may be kept for ever. */
export const GET: RequestHandler = async ({ params, url }) => {
  const size = url.searchParams.get('size') === '256' ? 'large' : 'small'
  const file = await avatarFile(db(), params.id, size)
  if (!file) error(404, 'There is no picture here.')
  return storedPicture(
    file,
    new Headers({
      'content-type': file.mediaType,
      'content-length': String(file.byteSize),
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    }),
  )
}
