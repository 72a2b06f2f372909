import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { imageFileId } from '#modules/catalog/image-rules.ts'
import { imageFile } from '#modules/catalog/server/index.ts'
import {
  pictureFor,
  postOfPreview,
  readerOfFeed,
  readerOfMailPicture,
} from '#modules/content/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { storedPicture } from '../../stored-picture.server.ts'

/**
 * A file of a picture. Its id never means other bytes, so one of a product may be kept for ever and by everybody; who may fetch one of a
 * post changes with the post. Nothing but pictures that this program has encoded is found here.
 */
export const GET: RequestHandler = async ({ params, request, locals, url }) => {
  const asked = imageFileId(params.file)
  const file = asked && (await imageFile(db(), asked.id))
  const ofFeed = url.searchParams.get('feed')
  const ofMail = url.searchParams.get('mail')
  const reader =
    locals.actor ??
    (ofFeed !== null
      ? await readerOfFeed(db(), ofFeed)
      : ofMail !== null
        ? await readerOfMailPicture(db(), ofMail)
        : undefined)
  const preview = url.searchParams.get('preview')
  const previewed = preview === null ? undefined : await postOfPreview(db(), preview)
  const readers = file ? await pictureFor(db(), asked.id, reader, previewed) : 'refused'
  if (!file || file.mediaType !== `image/${asked.format}` || readers === 'refused')
    error(404, 'There is no picture here.')
  const headers = new Headers({
    'cache-control': cacheControl[readers],
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

const cacheControl = {
  none: 'public, max-age=31536000, immutable',
  // A post may become premium or a draft again: a copy is asked for again before it is shown.
  everybody: 'public, max-age=0, must-revalidate',
  this_reader: 'private, no-store',
} as const

export const HEAD = GET
