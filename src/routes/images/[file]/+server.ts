import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { imageFileId } from '#modules/catalog/image-rules.ts'
import { imageFile } from '#modules/catalog/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { storedPicture } from '../../stored-picture.server.ts'

/**
 * A file of a product's picture. Its id never means other bytes, so it may be kept for ever and by everybody; nothing
 * but pictures that this program has encoded is found here.
 */
export const GET: RequestHandler = async ({ params, request }) => {
  const asked = imageFileId(params.file)
  const file = asked && (await imageFile(db(), asked.id))
  if (!file || file.mediaType !== `image/${asked.format}`) error(404, 'There is no picture here.')
  const headers = new Headers({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'; sandbox",
    'content-type': file.mediaType,
    'x-content-type-options': 'nosniff',
    etag: `"${file.sha256}"`,
  })
  if (request.headers.get('if-none-match')?.replace(/^W\//, '') === headers.get('etag'))
    return new Response(null, { status: 304, headers })
  headers.set('content-length', String(file.byteSize))
  if (request.method === 'HEAD') return new Response(null, { headers })
  return storedPicture(file, headers)
}

export const HEAD = GET
