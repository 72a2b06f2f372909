import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { log, storage, StorageUnavailableError, type Db } from '#modules/platform/server/index.ts'
import { contentDisposition, fileTypeOf } from '../file-name.ts'
import { isSameFile, wantedBytes } from '../range.ts'
import { beginAccess, finishAccess, type Access, type DeliverableFile } from './store.delivery.ts'

/** Up to here the whole file is checked before its first byte leaves. */
const checkedFirstBytes = 8_000_000

export interface DeliveryRequest {
  readonly method: 'GET' | 'HEAD'
  readonly range: string | null
  readonly ifRange: string | null
  readonly ifNoneMatch: string | null
}

/**
 * Answers with a file, or the part of it that was asked for. undefined when the bytes are missing, of another
 * length, or not those that were stored (M24): the caller says that it is being fixed; the log says which file.
 * Throws StorageUnavailableError while the store does not answer (M23). Bytes are read only as fast as they are taken, and no longer when the client is gone. Each GET is on record with
 * what it really sent.
 */
export async function deliverFile(
  db: Db,
  file: DeliverableFile,
  request: DeliveryRequest,
  who: Pick<Access, 'entitlementId' | 'network' | 'userAgent'>,
): Promise<Response | undefined> {
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
    return new Response(null, {
      status: 304,
      headers: { etag, 'cache-control': 'private, no-store' },
    })
  const wanted = isSameFile(request.ifRange, { etag, lastModified })
    ? wantedBytes(request.range, file.byteSize)
    : ({ kind: 'all' } as const)
  if (wanted.kind === 'outside') {
    headers.set('content-range', `bytes */${file.byteSize}`)
    return new Response(null, { status: 416, headers })
  }
  const { start, end } =
    wanted.kind === 'part' ? wanted : { start: 0, end: Math.max(0, file.byteSize - 1) }
  const isPart = wanted.kind === 'part'

  const stored = await open(file, isPart ? { start, end } : undefined)
  if (!stored) return undefined
  if (isPart) headers.set('content-range', `bytes ${start}-${end}/${file.byteSize}`)
  const length = file.byteSize === 0 ? 0 : end - start + 1
  headers.set('content-length', String(length))
  const status = isPart ? 206 : 200
  if (request.method === 'HEAD') {
    stored.destroy()
    return new Response(null, { status, headers })
  }
  if (!isPart && file.byteSize <= checkedFirstBytes) {
    const intact = await isIntact(file).catch((error: unknown) => {
      stored.destroy()
      throw error
    })
    if (!intact) {
      stored.destroy()
      return undefined
    }
  }
  const accessId = await beginAccess(db, {
    ...who,
    itemId: file.itemId,
    versionId: file.versionId,
  }).catch((error: unknown) => {
    stored.destroy()
    throw error
  })
  const body = sendingBody(stored, {
    // A larger file is checked while it is sent: its end is held back until the checksum is right.
    checksum: !isPart && file.byteSize > checkedFirstBytes ? file.sha256 : undefined,
    length,
    async onEnd(bytes, failure) {
      if (failure) outOfOrder(file, failure)
      await finishAccess(db, accessId, {
        bytes,
        isComplete: bytes === length && end === Math.max(0, file.byteSize - 1),
      })
    },
  })
  return new Response(body, { status, headers })
}

function outOfOrder(file: DeliverableFile, what: string): undefined {
  log.error(
    { versionId: file.versionId, storageKey: file.storageKey },
    `A file cannot be handed out: ${what}. Restore it from a backup or upload it again.`,
  )
  return undefined
}

const words = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** The stored bytes, if they are there and as many as they should be. */
async function open(
  file: DeliverableFile,
  range: { start: number; end: number } | undefined,
): Promise<Readable | undefined> {
  try {
    const stored = await storage().read(file.storageKey, range)
    if (stored?.byteSize === file.byteSize) return stored.stream
    stored?.stream.destroy()
    return outOfOrder(file, stored ? 'its bytes have another length' : 'its bytes are missing')
  } catch (error) {
    // Nothing is known about the file then; the caller says that it is to be tried again.
    if (error instanceof StorageUnavailableError) throw error
    return outOfOrder(file, words(error))
  }
}

async function isIntact(file: DeliverableFile): Promise<boolean> {
  const stored = await open(file, undefined)
  if (!stored) return false
  const hash = createHash('sha256')
  try {
    for await (const chunk of stored) hash.update(chunk as Uint8Array)
  } catch (error) {
    if (error instanceof StorageUnavailableError) throw error
    outOfOrder(file, words(error))
    return false
  }
  if (hash.digest('hex') === file.sha256) return true
  outOfOrder(file, 'its bytes are not those that were stored')
  return false
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
    onEnd(bytes: number, failure?: string): Promise<void>
  },
): ReadableStream<Uint8Array> {
  const chunks = stream.iterator({ destroyOnReturn: true }) as AsyncIterableIterator<Uint8Array>
  const hash = rules.checksum === undefined ? undefined : createHash('sha256')
  let read = 0
  let sent = 0
  let ended = false
  const end = async (failure?: string) => {
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
          const { done, value } = await chunks.next()
          if (done) {
            if (read !== rules.length) throw new Error(`it ended after ${read} bytes`)
            controller.close()
            await end()
            return
          }
          read += value.byteLength
          hash?.update(value)
          if (read === rules.length && hash && hash.digest('hex') !== rules.checksum)
            throw new Error('its bytes are not those that were stored')
          controller.enqueue(value)
          sent += value.byteLength
        } catch (error) {
          stream.destroy()
          controller.error(error)
          await end(words(error))
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
