import { error, json, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { ownerProduct } from '#modules/catalog/server/index.ts'
import {
  addFile,
  discardFile,
  MalformedUploadError,
  readUpload,
  receiveFile,
} from '#modules/downloads/server/index.ts'
import { contentLimits } from '#modules/downloads/types.ts'
import { uploadProblemWords, type UploadProblem } from '#modules/downloads/upload-words.ts'
import { versionForm } from '#modules/downloads/schemas.ts'
import { isId } from '#modules/platform/ids.ts'
import { db, inTransaction, log, StorageUnavailableError } from '#modules/platform/server/index.ts'
import type { RequestEvent, RequestHandler } from './$types'

/** What a form around a file adds to it: fields of at most 64 kB and the lines between. */
const formBytes = 1_000_000

/**
 * Takes a file for a download, as a new item or as the next version of `item`; streamed to the storage, never held.
 * A form like any other, so it works without script; a script asks for JSON and shows how far it is.
 */
export const POST: RequestHandler = async (event) => {
  const owner = ownerOnly(event)
  const { request, params } = event
  if (!isId(params.id)) error(404, 'There is no such product.')
  if (Number(request.headers.get('content-length')) > contentLimits.fileBytes + formBytes)
    return answer(event, 'too_large', 413)
  if (!request.body) return answer(event, 'malformed', 400)
  try {
    const upload = await readUpload(request.headers.get('content-type'), request.body)
    const words = versionForm.safeParse({
      label: upload.fields.get('label'),
      changes: upload.fields.get('changes'),
    })
    if (!words.success) return answer(event, 'words_too_long', 400)
    if (upload.fileName === '') return answer(event, 'no_file', 400)
    const received = await receiveFile(upload.source, upload.fileName)
    if (!received.ok) return answer(event, received.reason, 422)
    const itemId = upload.fields.get('item')
    const added = await inTransaction((tx) =>
      addFile(tx, owner, params.id, received.file, {
        ...words.data,
        ...(itemId ? { itemId } : {}),
      }),
    )
    if (added.ok) return answer(event, undefined, 201)
    await discardFile(received.file)
    return answer(event, added.reason, added.reason === 'not_found' ? 404 : 409)
  } catch (failure) {
    if (failure instanceof MalformedUploadError) return answer(event, 'malformed', 400)
    if (failure instanceof StorageUnavailableError) {
      log.error({ reason: failure.reason }, failure.message)
      return answer(event, 'store_down', 503)
    }
    // The sender has gone: nothing was kept, and nobody is left to be answered.
    if (request.signal.aborted) return answer(event, 'malformed', 400)
    throw failure
  }
}

/** Where signing in leads back to, when the session had ended before the upload. */
export const GET: RequestHandler = async (event) => {
  ownerOnly(event)
  if (!(await ownerProduct(db(), event.params.id))) error(404, 'There is no such product.')
  redirect(303, `/admin/products/${event.params.id}#contents`)
}

function answer(event: RequestEvent, problem: UploadProblem | undefined, status: number): Response {
  const { request, params } = event
  if (request.headers.get('accept') === 'application/json')
    return json(problem ? { ok: false, words: uploadProblemWords[problem] } : { ok: true }, {
      status,
    })
  redirect(
    303,
    `/admin/products/${params.id}?${problem ? `upload=${problem}` : 'done=contents.added'}#contents`,
  )
}
