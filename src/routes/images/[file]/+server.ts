import { Readable } from 'node:stream'
import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { imageFileId } from '#modules/catalog/image-rules.ts'
import { imageFile } from '#modules/catalog/server/index.ts'
import { db, log, storage } from '#modules/platform/server/index.ts'

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
  const stored = await storage().read(file.key)
  if (stored?.byteSize !== file.byteSize) {
    stored?.stream.destroy()
    log.error({ key: file.key }, 'The bytes of a picture are missing or of another length')
    error(503, 'This picture cannot be read right now.')
  }
  // The two types of web streams, Node's and the DOM's, are the same thing.
  return new Response(Readable.toWeb(stored.stream) as ReadableStream, { headers })
}

export const HEAD = GET
