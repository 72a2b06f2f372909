import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import type { S3Address } from '#server/storage-address.ts'
import { newId } from '../ids.ts'
import { elements, elementText, s3Error } from './s3-answers.ts'
import { s3Client, usualPatience, type S3Client, type S3Patience } from './s3-client.ts'
import {
  assertStorageKey,
  StorageUnavailableError,
  TooLargeError,
  type FileStorage,
} from './storage-port.ts'

/**
 * Larger files go up in parts of this size. Stores take parts from 5 MiB on, and 10,000 of them: enough for 80 GB, with
 * two parts in memory for each upload.
 */
const usualPartBytes = 8 * 1024 * 1024

/** How often an answer that broke off is taken up again where it stopped. */
const mostResumes = 3

/**
 * Files in a bucket of a store that speaks S3. A file is to be seen only when all of it has arrived: a small one is one
 * request, a larger one an upload in parts that is completed by the last request.
 */
export function openS3Storage(
  address: S3Address,
  options: { readonly patience?: Partial<S3Patience>; readonly partBytes?: number } = {},
): FileStorage {
  const client = s3Client(address, { ...usualPatience, ...options.patience })
  const partBytes = options.partBytes ?? usualPartBytes
  const place = (key: string) => {
    assertStorageKey(key)
    return address.prefix + key
  }

  return {
    async put(key, source, limitBytes) {
      const target = place(key)
      const hash = createHash('sha256')
      let byteSize = 0
      let waiting: Uint8Array[] = []
      let waitingBytes = 0
      let upload: Upload | undefined
      const take = () => {
        const part = Buffer.concat(waiting)
        waiting = []
        waitingBytes = 0
        return part
      }
      try {
        for await (const chunk of source) {
          byteSize += chunk.byteLength
          if (byteSize > limitBytes) throw new TooLargeError(`More than ${limitBytes} bytes`)
          if (waitingBytes >= partBytes) {
            upload ??= await beginUpload(client, target)
            await upload.send(take())
          }
          hash.update(chunk)
          waiting.push(chunk)
          waitingBytes += chunk.byteLength
        }
        if (upload) {
          await upload.send(take())
          await upload.complete()
        } else await expectDone(client, { method: 'PUT', key: target, body: take() })
      } catch (error) {
        await upload?.abort()
        throw error
      }
      return { byteSize, sha256: hash.digest('hex') }
    },

    async read(key, range) {
      const object = place(key)
      const answer = await client.open({
        method: 'GET',
        key: object,
        ...(range ? { headers: { range: `bytes=${range.start}-${range.end}` } } : {}),
      })
      if (answer.statusCode === 404) return discarded(answer)
      if (answer.statusCode === 416) {
        // It is shorter than the part that was asked for: nothing to read, but how long it is must be told.
        discarded(answer)
        const byteSize = (await sizeOf(client, object))?.byteSize
        return byteSize === undefined ? undefined : { stream: Readable.from([]), byteSize }
      }
      const length = Number(answer.headers['content-length'])
      const part = partOf(answer)
      if (!Number.isSafeInteger(length) || part?.start !== range?.start) {
        discarded(answer)
        throw new StorageUnavailableError(
          'silent',
          `The store of files at ${address.host} answered without saying which bytes it sends.`,
        )
      }
      return {
        stream: readThrough(client, object, answer, { start: part?.start ?? 0, length }),
        byteSize: part?.total ?? length,
      }
    },

    async remove(key) {
      await expectDone(client, { method: 'DELETE', key: place(key) })
    },

    async list(prefix, most) {
      const found: { key: string; byteSize: number; modifiedAt: Date }[] = []
      // The first form of the list, whose mark is the last key seen: every store knows it.
      let marker = ''
      while (found.length < most) {
        const { text } = await expectDone(client, {
          method: 'GET',
          key: '',
          query: {
            prefix: address.prefix + (prefix === '' ? '' : `${prefix}/`),
            'max-keys': String(Math.min(1_000, most - found.length)),
            ...(marker === '' ? {} : { marker }),
          },
        })
        const page = elements(text, 'Contents')
        for (const element of page) {
          const key = elementText(element, 'Key')
          marker = key
          found.push({
            key: key.slice(address.prefix.length),
            byteSize: Number(elementText(element, 'Size')),
            modifiedAt: new Date(elementText(element, 'LastModified')),
          })
        }
        if (page.length === 0 || elementText(text, 'IsTruncated') !== 'true') break
      }
      return found.slice(0, most)
    },

    async removeDrafts(before) {
      let removed = 0
      let from = { key: '', upload: '' }
      // A shop leaves a handful a year; more than these are looked at in the next round.
      for (let page = 0; page < 10; page++) {
        const { text } = await expectDone(client, {
          method: 'GET',
          key: '',
          query: {
            uploads: '',
            prefix: address.prefix,
            ...(from.key === '' ? {} : { 'key-marker': from.key, 'upload-id-marker': from.upload }),
          },
        })
        for (const element of elements(text, 'Upload')) {
          from = { key: elementText(element, 'Key'), upload: elementText(element, 'UploadId') }
          if (!(new Date(elementText(element, 'Initiated')) < before)) continue
          await abortUpload(client, from.key, from.upload)
          removed++
        }
        if (elementText(text, 'IsTruncated') !== 'true') break
      }
      return removed
    },
  }
}

/** An upload in parts, of which one is on its way while the next is gathered. */
interface Upload {
  send(part: Uint8Array): Promise<void>
  complete(): Promise<void>
  /** What cannot be removed now is removed by removeDrafts() later. */
  abort(): Promise<void>
}

async function beginUpload(client: S3Client, key: string): Promise<Upload> {
  // By this mark a completion whose answer was lost is told from the file that stood there before.
  const mark = newId()
  const begun = await expectDone(client, {
    method: 'POST',
    key,
    query: { uploads: '' },
    headers: { 'x-amz-meta-sundry-upload': mark },
  })
  const uploadId = elementText(begun.text, 'UploadId')
  if (uploadId === '') throw new Error('The store of files began an upload without naming it.')
  const tags: string[] = []
  let sending: Promise<void> = Promise.resolve()

  async function sendPart(number: number, body: Uint8Array): Promise<void> {
    const { headers } = await expectDone(client, {
      method: 'PUT',
      key,
      query: { partNumber: String(number), uploadId },
      body,
    })
    tags[number - 1] = headers.etag ?? ''
  }

  let number = 0
  return {
    async send(part) {
      await sending
      number++
      sending = sendPart(number, part)
      sending.catch(() => undefined) // it is awaited before the next part, or by complete()
    },
    async complete() {
      await sending
      const parts = tags.map(
        (tag, at) =>
          `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag.replaceAll('"', '&quot;')}</ETag></Part>`,
      )
      const answer = await client.ask({
        method: 'POST',
        key,
        query: { uploadId },
        headers: { 'content-type': 'application/xml' },
        body: Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`),
      })
      if (answer.status < 300) return
      // Completed already, by a try whose answer did not reach us?
      if (answer.status === 404 && (await sizeOf(client, key))?.mark === mark) return
      throw unexpected(answer.status, answer.text)
    },
    async abort() {
      await sending.catch(() => undefined)
      await abortUpload(client, key, uploadId).catch(() => undefined)
    },
  }
}

async function abortUpload(client: S3Client, key: string, uploadId: string): Promise<void> {
  await expectDone(client, { method: 'DELETE', key, query: { uploadId } })
}

/** Asks for what must succeed; there being nothing to delete is success, too. */
async function expectDone(client: S3Client, request: Parameters<S3Client['ask']>[0]) {
  const answer = await client.ask(request)
  if (answer.status < 300 || (request.method === 'DELETE' && answer.status === 404)) return answer
  throw unexpected(answer.status, answer.text)
}

function unexpected(status: number, text: string): Error {
  return new Error(`The store of files answered ${status} ${s3Error(text).code}.`)
}

async function sizeOf(
  client: S3Client,
  key: string,
): Promise<{ byteSize: number; mark: string | undefined } | undefined> {
  const { status, headers } = await client.ask({ method: 'HEAD', key })
  if (status >= 300) return undefined
  const mark = headers['x-amz-meta-sundry-upload']
  return {
    byteSize: Number(headers['content-length']),
    mark: typeof mark === 'string' ? mark : undefined,
  }
}

/** Which bytes an answer to a range holds; undefined when it holds the whole. */
function partOf(answer: IncomingMessage): { start: number; total: number } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers['content-range'] ?? '')
  return match ? { start: Number(match[1]), total: Number(match[2]) } : undefined
}

function discarded(answer: IncomingMessage): undefined {
  answer.destroy()
  return undefined
}

/**
 * The bytes of an answer as they are asked for. When the line breaks, or nothing comes although somebody waits, the rest is
 * asked for again, of the very same object; after mostResumes of that the stream ends with the error.
 */
function readThrough(
  client: S3Client,
  key: string,
  first: IncomingMessage,
  wanted: { readonly start: number; readonly length: number },
): Readable {
  const etag = first.headers.etag
  const end = wanted.start + wanted.length
  let at = wanted.start
  let resumes = 0
  let timer: NodeJS.Timeout | undefined
  let answer: IncomingMessage | undefined

  const waitForMore = () => {
    clearTimeout(timer)
    timer = setTimeout(
      () => answer?.destroy(new Error('it fell silent')),
      client.patience.silenceMs,
    )
  }
  const attach = (to: IncomingMessage) => {
    answer = to
    let isOver = false
    const over = (error?: Error) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      if (stream.destroyed) return
      if (at === end) return void stream.push(null)
      const why = error?.message ?? 'it ended early'
      if (at > end || resumes >= mostResumes) {
        stream.destroy(
          new StorageUnavailableError('silent', `A file broke off while it was read: ${why}`),
        )
        return
      }
      resumes++
      goOn().catch((failure: unknown) =>
        stream.destroy(failure instanceof Error ? failure : new Error(String(failure))),
      )
    }
    to.on('data', (chunk: Uint8Array) => {
      at += chunk.byteLength
      if (stream.push(chunk)) waitForMore()
      else {
        clearTimeout(timer)
        to.pause()
      }
    })
    to.once('end', () => over())
    to.once('error', over)
    to.once('close', () => over())
  }
  const goOn = async () => {
    const again = await client.open({
      method: 'GET',
      key,
      headers: {
        range: `bytes=${at}-${end - 1}`,
        ...(etag === undefined ? {} : { 'if-match': etag }),
      },
    })
    if (stream.destroyed) return void again.destroy()
    // A store that heeds no If-Match still tells which object it sends.
    if (again.statusCode !== 206 || partOf(again)?.start !== at || again.headers.etag !== etag) {
      again.destroy()
      throw new StorageUnavailableError('silent', 'A file was replaced while it was read.')
    }
    attach(again)
    waitForMore()
  }

  const stream = new Readable({
    highWaterMark: 256 * 1024,
    read() {
      waitForMore()
      answer?.resume()
    },
    destroy(error, done) {
      clearTimeout(timer)
      answer?.destroy()
      done(error)
    },
  })
  first.pause()
  attach(first)
  first.pause()
  return stream
}
