import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  damageOf,
  inTransaction,
  log,
  storage,
  StorageUnavailableError,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { contentDisposition, fileTypeOf } from '../file-name.ts'
import { isSameFile, wantedBytes } from '../range.ts'
import { chunkTurn } from './chunk-turns.ts'
import { enterWindow, recordDelivery } from './counted.ts'
import { noteDamage } from './damage.ts'
import { beginAccess, finishAccess, type Access, type DeliverableFile } from './store.delivery.ts'

/** Up to here the whole file is checked before its first byte leaves. */
const checkedFirstBytes = 8_000_000

export interface DeliveryRequest {
  readonly method: 'GET' | 'HEAD'
  readonly range: string | null
  readonly ifRange: string | null
  readonly ifNoneMatch: string | null
}

export type Delivery =
  | { readonly ok: true; readonly response: Response }
  | { readonly ok: false; readonly reason: 'out_of_order' | 'store_down' | 'limit_reached' }

/**
 * Answers with a file, or the part of it that was asked for. out_of_order when the bytes are missing, of another
 * length, or not those that were stored (M24): noted, and the owner told, once. store_down while the store does not answer
 * (M23). limit_reached when the entitlement has no download of this version left. Bytes are read only as fast as they are
 * taken, and no longer when the client is gone or the download is used up while they leave. Each GET is on record with what it really sent, and counts for the download it
 * is a part of (download-window.ts).
 */
export async function deliverFile(
  db: Db,
  file: DeliverableFile,
  request: DeliveryRequest,
  who: Pick<Access, 'entitlementId' | 'network' | 'userAgent'>,
): Promise<Delivery> {
  const etag = `"${file.sha256}"`
  const lastModified = file.storedAt.toUTCString()
  const headers = new Headers({
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store, no-transform',
    'content-disposition': contentDisposition(file.fileName),
    'content-security-policy': "sandbox; default-src 'none'",
    'content-type': fileTypeOf(file.fileName).mediaType,
    'x-content-type-options': 'nosniff',
    etag,
    'last-modified': lastModified,
  })
  if (request.ifNoneMatch?.replace(/^W\//, '') === etag)
    return answer(null, 304, new Headers({ etag, 'cache-control': 'private, no-store' }))
  const wanted = isSameFile(request.ifRange, { etag, lastModified })
    ? wantedBytes(request.range, file.byteSize)
    : ({ kind: 'all' } as const)
  if (wanted.kind === 'outside') {
    headers.set('content-range', `bytes */${file.byteSize}`)
    return answer(null, 416, headers)
  }
  const { start, end } =
    wanted.kind === 'part' ? wanted : { start: 0, end: Math.max(0, file.byteSize - 1) }
  const isPart = wanted.kind === 'part'
  if (file.isDamaged) return { ok: false, reason: 'out_of_order' }

  let stored: Readable | undefined
  try {
    stored = await open(file, isPart ? { start, end } : undefined)
    if (isPart) headers.set('content-range', `bytes ${start}-${end}/${file.byteSize}`)
    const length = file.byteSize === 0 ? 0 : end - start + 1
    headers.set('content-length', String(length))
    const status = isPart ? 206 : 200
    if (request.method === 'HEAD') {
      stored.destroy()
      return answer(null, status, headers)
    }
    if (!isPart && file.byteSize <= checkedFirstBytes) await mustBeIntact(file)
    const enter = (tx: Tx, wanted: number) =>
      enterWindow(tx, { ...who, versionId: file.versionId, byteSize: file.byteSize, wanted })
    const entered = await inTransaction((tx) => enter(tx, length))
    if (!entered) {
      stored.destroy()
      return { ok: false, reason: 'limit_reached' }
    }
    // What may leave under which window, and how much had left before it.
    let leave = entered
    let before = 0
    const record = (tx: Tx, sent: number) =>
      recordDelivery(tx, leave, [start + before, start + sent], file.byteSize)
    const accessId = await beginAccess(db, {
      ...who,
      itemId: file.itemId,
      versionId: file.versionId,
      windowId: leave.windowId,
    })
    const body = sendingBody(stored, {
      // A larger file is checked while it is sent: its end is held back until the checksum is right.
      checksum: !isPart && file.byteSize > checkedFirstBytes ? file.sha256 : undefined,
      length,
      allowed: leave.bytes,
      async allowMore(sent) {
        const more = await inTransaction(async (tx) => {
          await record(tx, sent)
          return enter(tx, length - sent)
        })
        leave = more ?? { ...leave, taken: 0 }
        before = sent
        return sent + (more?.bytes ?? 0)
      },
      async onEnd(bytes, failure) {
        // The last byte leaves long after the route has answered: its record is a transaction of its own.
        await inTransaction(async (tx) => {
          if (failure instanceof DamagedError) await noteDamage(tx, fileOf(file), failure.message)
          await finishAccess(tx, accessId, {
            bytes,
            isComplete: bytes === length && end === Math.max(0, file.byteSize - 1),
          })
          await record(tx, bytes)
        })
      },
    })
    return answer(body, status, headers)
  } catch (error) {
    stored?.destroy()
    if (error instanceof StorageUnavailableError) {
      log.error({ reason: error.reason }, error.message)
      return { ok: false, reason: 'store_down' }
    }
    if (!(error instanceof DamagedError)) throw error
    await inTransaction((tx) => noteDamage(tx, fileOf(file), error.message))
    return { ok: false, reason: 'out_of_order' }
  }
}

/** The bytes are not those that were stored; the message says what is wrong with them. */
class DamagedError extends Error {
  override name = 'DamagedError'
}

function fileOf(file: DeliverableFile) {
  return { id: file.fileId, fileName: file.fileName }
}

function answer(
  body: ReadableStream<Uint8Array> | null,
  status: number,
  headers: Headers,
): Delivery {
  return { ok: true, response: new Response(body, { status, headers }) }
}

const words = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** The stored bytes, when they are there and as many as they should be. */
async function open(
  file: DeliverableFile,
  range: { start: number; end: number } | undefined,
): Promise<Readable> {
  const stored = await storage().read(file.storageKey, range)
  if (stored?.byteSize === file.byteSize) return stored.stream
  stored?.stream.destroy()
  throw new DamagedError(stored ? 'its bytes have another length' : 'its bytes are missing')
}

async function mustBeIntact(file: DeliverableFile): Promise<void> {
  const damage = await damageOf({
    storage_key: file.storageKey,
    byte_size: file.byteSize,
    sha256: file.sha256,
  })
  if (damage !== undefined) throw new DamagedError(damage)
}

/**
 * A body that reads the next chunk only when the last was taken. onEnd is called once: after the last byte, when
 * the client has gone, or with the failure when the storage broke off or the checksum was wrong (the connection is
 * then cut, so that the client knows the file to be incomplete).
 */
function sendingBody(
  stream: Readable,
  rules: {
    readonly checksum: string | undefined
    readonly length: number
    /** So many bytes may leave before allowMore() is asked, which tells how many may leave in all by now. */
    readonly allowed: number
    allowMore(sent: number): Promise<number>
    onEnd(bytes: number, failure?: unknown): Promise<void>
  },
): ReadableStream<Uint8Array> {
  const chunks = stream.iterator({ destroyOnReturn: true }) as AsyncIterableIterator<Uint8Array>
  const hash = rules.checksum === undefined ? undefined : createHash('sha256')
  let read = 0
  let sent = 0
  let { allowed } = rules
  let ended = false
  const end = async (failure?: unknown) => {
    if (ended) return
    ended = true
    try {
      await rules.onEnd(sent, failure)
    } catch (error) {
      // What was sent is sent; only its record is incomplete, and nobody is left who could be answered.
      log.error({ error: words(error) }, 'A download could not be put on record')
    }
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          await chunkTurn()
          if (sent >= allowed && sent < rules.length) {
            allowed = await rules.allowMore(sent)
            if (sent >= allowed) throw new Error('the download is used up')
          }
          const { done, value } = await chunks.next()
          if (done) {
            if (read !== rules.length) throw new DamagedError(`it ended after ${read} bytes`)
            // The client has all its bytes; the answer ends when they are on record.
            await end()
            controller.close()
            return
          }
          read += value.byteLength
          hash?.update(value)
          if (read === rules.length && hash && hash.digest('hex') !== rules.checksum)
            throw new DamagedError('its bytes are not those that were stored')
          controller.enqueue(value)
          sent += value.byteLength
        } catch (error) {
          stream.destroy()
          controller.error(error)
          await end(error)
        }
      },
      async cancel() {
        stream.destroy()
        await end()
      },
    },
    { highWaterMark: 0 },
  )
}
