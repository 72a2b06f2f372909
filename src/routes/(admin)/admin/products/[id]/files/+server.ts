import { error, json, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { ownerProduct } from '#modules/catalog/server/index.ts'
import {
  addFile,
  discardFile,
  MalformedUploadError,
  readUpload,
  receiveFile,
  repairVersion,
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
  let typed: ReadonlyMap<string, string> = new Map()
  const answer = (asked: RequestEvent, problem: UploadProblem | undefined, status: number) =>
    answered(asked, problem, status, typed)
  if (!isId(params.id)) error(404, 'There is no such product.')
  if (Number(request.headers.get('content-length')) > contentLimits.fileBytes + formBytes)
    return answer(event, 'too_large', 413)
  if (!request.body) return answer(event, 'malformed', 400)
  try {
    const upload = await readUpload(request.headers.get('content-type'), request.body)
    typed = upload.fields
    const words = versionForm.safeParse({
      label: upload.fields.get('label'),
      changes: upload.fields.get('changes'),
    })
    if (!words.success) return answer(event, 'words_too_long', 400)
    if (upload.fileName === '') return answer(event, 'no_file', 400)
    const received = await receiveFile(upload.source, upload.fileName)
    if (!received.ok) return answer(event, received.reason, 422)
    const itemId = upload.fields.get('item')
    const versionId = upload.fields.get('repair')
    if (itemId && versionId) {
      const repaired = await repairVersion(
        owner,
        { productId: params.id, itemId, versionId },
        received.file,
      )
      if (repaired.ok) return answer(event, undefined, 200)
      return answer(event, repaired.reason, repaired.reason === 'not_found' ? 404 : 409)
    }
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

/** typed: what stood in the form beside the file; a page without script shows it again. */
function answered(
  event: RequestEvent,
  problem: UploadProblem | undefined,
  status: number,
  typed: ReadonlyMap<string, string>,
): Response {
  const { request, params } = event
  if (request.headers.get('accept') === 'application/json')
    return json(problem ? { ok: false, words: uploadProblemWords[problem] } : { ok: true }, {
      status,
    })
  const page = `/admin/products/${params.id}`
  if (!problem) redirect(303, `${page}?done=contents.added#contents`)
  const query = new URLSearchParams({ upload: problem })
  // An address holds no more than a few thousand characters, whatever a proxy in between thinks of it.
  for (const name of ['item', 'label', 'changes'])
    if (typed.get(name)) query.set(name, (typed.get(name) ?? '').slice(0, 1_000))
  redirect(303, `${page}?${query}#contents`)
}
