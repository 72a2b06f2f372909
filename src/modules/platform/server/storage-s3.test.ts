import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readStorageAddress } from '#server/storage-address.ts'
import {
  startS3Server,
  type Fault,
  type S3Server,
  type StoreRequest,
} from '../../../../test/s3-server.ts'
import { expectedSignature, sha256 } from '../../../../test/signature-check.ts'
import type { S3Patience } from './s3-client.ts'
import { StorageUnavailableError, TooLargeError, type FileStorage } from './storage-port.ts'
import { fileStorageContract } from './storage.contract.ts'
import { openS3Storage } from './storage-s3.ts'

// Megabytes through two servers and pauses between tries: a slow machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

let store: S3Server
let prefixes = 0
beforeAll(async () => {
  store = await startS3Server()
})
afterAll(() => store.close())
beforeEach(() => {
  store.fault = () => undefined
})

const partBytes = 5 * 1024 * 1024
/** Long enough for a machine that is busy with other tests; only what is silent for good is given up. */
const calm: Partial<S3Patience> = { answerMs: 20_000, silenceMs: 20_000, pauseMs: 1, maxPauseMs: 5 }
/** For stores that fall silent: how long they are waited for. */
const impatient: Partial<S3Patience> = { answerMs: 1_000, silenceMs: 1_000 }
// Megabytes are moved and signed; a store that is silent a few times is waited for a few times.
vi.setConfig({ testTimeout: 60_000 })

function open(
  url = store.url(`shop-${++prefixes}`),
  patience: Partial<S3Patience> = {},
): FileStorage {
  const address = readStorageAddress(url)
  if (address.kind !== 's3') throw new Error('not a bucket')
  return openS3Storage(address, { patience: { ...calm, ...patience }, partBytes })
}

async function* pieces(bytes: Uint8Array, length = 1024 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
const put = (files: FileStorage, key: string, bytes: Uint8Array | string) =>
  files.put(key, pieces(Buffer.from(bytes)), 100_000_000)
const bytesOf = async (files: FileStorage, key: string, range?: { start: number; end: number }) => {
  const found = await files.read(key, range)
  return found && buffer(found.stream)
}
/** Fails the first so many requests that fit. */
function failing(times: number, fits: (request: StoreRequest) => boolean, fault: Fault) {
  let left = times
  store.fault = (request) => (fits(request) && left-- > 0 ? fault : undefined)
}
const isPart = (request: StoreRequest) => request.target.includes('partNumber=')
const isCompletion = (request: StoreRequest) =>
  request.method === 'POST' && request.target.includes('uploadId=')
const large = randomBytes(2 * partBytes + 12_345)

/** Begins an upload and is stopped in its middle, as by a kill: nothing is ended. */
async function interrupted(files: FileStorage): Promise<void> {
  store.fault = (request) => (request.method === 'DELETE' ? { kind: 'cut' } : undefined)
  const dying = async function* () {
    yield* pieces(large)
    throw new Error('killed')
  }
  await expect(files.put('downloads/half.zip', dying(), 100_000_000)).rejects.toThrow('killed')
  store.fault = () => undefined
}

fileStorageContract('in a bucket', async () => open(), interrupted)

describe('the signature check of these tests', () => {
  // The examples of the specification, with its published keys.
  const keys = {
    accessKey: 'AKIAIOSFODNN7EXAMPLE',
    secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  }
  const host = 'examplebucket.s3.amazonaws.com'
  const nothing = sha256('')
  test.each([
    [
      'GET',
      '/test.txt',
      { range: 'bytes=0-9', 'x-amz-content-sha256': nothing },
      'host;range;x-amz-content-sha256;x-amz-date',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PUT',
      '/test%24file.text',
      {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-content-sha256': sha256('Welcome to Amazon S3.'),
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'GET',
      '/?lifecycle',
      { 'x-amz-content-sha256': nothing },
      'host;x-amz-content-sha256;x-amz-date',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'GET',
      '/?max-keys=2&prefix=J',
      { 'x-amz-content-sha256': nothing },
      'host;x-amz-content-sha256;x-amz-date',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('gives what is published for %s %s', (method, target, headers, names, signature) => {
    const request = {
      method,
      target,
      headers: {
        ...(headers as Record<string, string>),
        host,
        'x-amz-date': '20130524T000000Z',
        authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKey}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`,
      },
    }
    expect(expectedSignature(request, keys)?.expected).toBe(signature)
  })
})

describe('who may use the bucket', () => {
  test('a wrong secret, an unknown key, a missing bucket, a wrong region are told apart, and no secret is repeated', async () => {
    const right = store.url('who')
    const wrong: [string, RegExp][] = [
      [store.url('who', 'another-secret'), /does not accept the secret key/],
      [right.replace('AKIDEXAMPLE', 'AKIDNOBODY'), /does not know the access key/],
      [right.replace('/files/', '/other/'), /no bucket "other"/],
      [`${right}&region=eu-west-1`, /not in the region eu-west-1/],
    ]
    for (const [url, words] of wrong) {
      const files = open(url)
      for (const act of [
        () => put(files, 'downloads/one', 'x'),
        () => files.read('downloads/one'),
        () => files.remove('downloads/one'),
        () => files.list('downloads', 10),
      ]) {
        const failure: unknown = await act().catch((error: unknown) => error)
        expect(failure).toBeInstanceOf(StorageUnavailableError)
        expect(failure).toMatchObject({ reason: 'refused', message: expect.stringMatching(words) })
        expect(String(failure)).not.toMatch(/secret\+of|another-secret/)
      }
    }
    expect(await open(store.url('who')).list('', 10)).toEqual([])
  })

  test('a body that was changed on its way is refused and not stored', async () => {
    const files = open()
    store.fault = (request) => (request.method === 'PUT' ? { kind: 'tamper' } : undefined)
    await expect(put(files, 'downloads/one', 'the true words')).rejects.toThrow(
      'XAmzContentSHA256Mismatch',
    )
    await expect(put(files, 'downloads/two', large)).rejects.toThrow('XAmzContentSHA256Mismatch')
    store.fault = () => undefined
    expect(await files.read('downloads/one')).toBeUndefined()
    expect(await files.read('downloads/two')).toBeUndefined()
    expect(store.uploads()).toEqual([])
  })

  test('the bucket may be a part of the host’s name', async () => {
    const files = open(
      store.url('host').replace('127.0.0.1', 'store.test').concat('&style=host'),
      // A name of the test: it leads to the store.
      {
        lookup: (_, options, found) =>
          options.all
            ? found(null, [{ address: '127.0.0.1', family: 4 }])
            : found(null, '127.0.0.1', 4),
      },
    )
    await put(files, 'downloads/one', 'by name')
    expect(String(await bytesOf(files, 'downloads/one'))).toBe('by name')
    expect((await files.list('downloads', 10)).map((file) => file.key)).toEqual(['downloads/one'])
    await files.remove('downloads/one')
    expect(await files.read('downloads/one')).toBeUndefined()
  })

  test('shops with different prefixes in one bucket see nothing of each other', async () => {
    const [one, other] = [open(store.url('one')), open(store.url('other/deep'))]
    await put(one, 'downloads/a', 'a')
    expect(await other.read('downloads/a')).toBeUndefined()
    expect(await other.list('', 10)).toEqual([])
    expect((await one.list('', 10)).map((file) => file.key)).toEqual(['downloads/a'])
  })
})

describe('a large file', () => {
  test('goes up in parts, comes back byte for byte, whole and in part', async () => {
    const files = open()
    const before = store.requests.length
    expect(await put(files, 'downloads/large.zip', large)).toEqual({
      byteSize: large.length,
      sha256: sha256(large),
    })
    const sizes = store.requests
      .slice(before)
      .filter(isPart)
      .map((request) => request.bytes)
    expect(sizes).toEqual([partBytes, partBytes, 12_345])
    expect((await bytesOf(files, 'downloads/large.zip'))?.equals(large)).toBe(true)
    const range = { start: partBytes - 5, end: partBytes + 5 }
    const part = await files.read('downloads/large.zip', range)
    expect(part?.byteSize).toBe(large.length)
    expect(
      part && (await buffer(part.stream)).equals(large.subarray(range.start, range.end + 1)),
    ).toBe(true)
    expect(store.uploads()).toEqual([])
  })

  test('is not to be seen before its last part, and leaves no part behind when it is too large or breaks off', async () => {
    const files = open()
    let seen: unknown = 'not looked'
    const looking = async function* () {
      yield* pieces(large)
      seen = await files.read('downloads/large.zip')
    }
    await files.put('downloads/large.zip', looking(), 100_000_000)
    expect(seen).toBeUndefined()
    await expect(files.put('downloads/over.zip', pieces(large), large.length - 1)).rejects.toThrow(
      TooLargeError,
    )
    expect(await files.read('downloads/over.zip')).toBeUndefined()
    expect(store.uploads()).toEqual([])
  })

  test('is complete when the answer to its completion was lost', async () => {
    const files = open()
    failing(1, isCompletion, { kind: 'lose_answer' })
    await put(files, 'downloads/lost.zip', large)
    expect((await bytesOf(files, 'downloads/lost.zip'))?.equals(large)).toBe(true)
  })

  test('is completed by another try when the first is answered 200 with an error', async () => {
    const files = open()
    failing(1, isCompletion, { kind: 'error_in_200' })
    await put(files, 'downloads/late.zip', large)
    expect((await bytesOf(files, 'downloads/late.zip'))?.equals(large)).toBe(true)
  })
})

describe('a store that stumbles', () => {
  test.each<[string, Fault]>([
    ['is overloaded', { kind: 'status', status: 503, code: 'SlowDown' }],
    ['asks for a pause', { kind: 'status', status: 429, code: 'TooManyRequests', retryAfter: '1' }],
    ['has an error', { kind: 'status', status: 500 }],
    ['cuts the connection', { kind: 'cut' }],
    ['does the work and loses the answer', { kind: 'lose_answer' }],
    ['does not answer', { kind: 'hang' }],
  ])('and %s is asked again, with everything', async (_, fault) => {
    const files = open(undefined, fault?.kind === 'hang' ? impatient : {})
    for (const fits of [
      (request: StoreRequest) => request.method === 'PUT',
      (request: StoreRequest) => request.method === 'GET',
      (request: StoreRequest) => request.method === 'DELETE',
    ]) {
      failing(2, fits, fault)
      await put(files, 'downloads/one', 'here')
      expect(String(await bytesOf(files, 'downloads/one'))).toBe('here')
      expect(await files.list('downloads', 10)).toHaveLength(1)
      await files.remove('downloads/one')
      expect(await files.read('downloads/one')).toBeUndefined()
    }
  })

  test('a part of a large file that fails is sent again, the others are not', async () => {
    const files = open()
    const before = store.requests.length
    failing(1, (request) => request.target.includes('partNumber=2'), { kind: 'cut' })
    await put(files, 'downloads/large.zip', large)
    expect(store.requests.slice(before).filter(isPart)).toHaveLength(4)
    expect((await bytesOf(files, 'downloads/large.zip'))?.equals(large)).toBe(true)
  })

  test.each<[string, Fault]>([
    ['breaks', { kind: 'cut_body', afterBytes: 1_000_000 }],
    ['falls silent', { kind: 'stall_body', afterBytes: 1_000_000 }],
  ])('a download whose line %s goes on where it stopped', async (_, fault) => {
    const files = open(undefined, fault?.kind === 'stall_body' ? impatient : {})
    await put(files, 'downloads/large.zip', large)
    failing(2, (request) => request.method === 'GET', fault)
    expect((await bytesOf(files, 'downloads/large.zip'))?.equals(large)).toBe(true)
    failing(1, (request) => request.method === 'GET', fault)
    const range = { start: 77, end: large.length - 77 }
    expect(
      (await bytesOf(files, 'downloads/large.zip', range))?.equals(
        large.subarray(77, range.end + 1),
      ),
    ).toBe(true)
  })

  test('a download never goes on with other bytes than it began with', async () => {
    const files = open()
    await put(files, 'downloads/large.zip', large)
    const found = await files.read('downloads/large.zip')
    if (!found) throw new Error('gone')
    const other = Buffer.alloc(large.length, 7)
    let replaced = false
    const reading = (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of found.stream as AsyncIterable<Buffer>) {
        chunks.push(chunk)
        if (!replaced) {
          replaced = true
          await put(files, 'downloads/large.zip', other)
          await store.shut()
          await store.open()
        }
      }
      return Buffer.concat(chunks)
    })()
    // The rest is either what was on its way already, or an error; never a mixture.
    const read = await reading.catch((error: unknown) => error)
    if (Buffer.isBuffer(read)) expect(read.equals(large)).toBe(true)
    else expect(read).toBeInstanceOf(Error)
  })

  test('one that breaks off again and again ends with an error, not with fewer bytes', async () => {
    const files = open()
    await put(files, 'downloads/large.zip', large)
    store.fault = (request) =>
      request.method === 'GET' ? { kind: 'cut_body', afterBytes: 10 } : undefined
    await expect(bytesOf(files, 'downloads/large.zip')).rejects.toThrow('broke off')
  })

  test('a slow reader is not taken for a silent store', async () => {
    const files = open(undefined, { silenceMs: 1_000 })
    await put(files, 'downloads/large.zip', large)
    const found = await files.read('downloads/large.zip')
    if (!found) throw new Error('gone')
    const before = store.requests.length
    const chunks: Buffer[] = []
    for await (const chunk of found.stream as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      // The reader is slow once, for longer than the store may be silent.
      if (chunks.length === 1) await new Promise((resolve) => setTimeout(resolve, 1_500))
    }
    expect(Buffer.concat(chunks).equals(large)).toBe(true)
    expect(store.requests.length).toBe(before)
  })

  test('and one that is down is told as such after a bounded number of tries; back again, it serves (M23)', async () => {
    const files = open()
    await put(files, 'downloads/one', 'here')
    await store.shut()
    for (const act of [
      () => put(files, 'downloads/two', 'x'),
      () => files.read('downloads/one'),
      () => files.remove('downloads/one'),
      () => files.list('', 10),
      () => files.removeDrafts(new Date(0)),
    ])
      await expect(act()).rejects.toMatchObject({
        name: 'StorageUnavailableError',
        reason: 'silent',
      })
    await store.open()
    expect(String(await bytesOf(files, 'downloads/one'))).toBe('here')
    expect(await files.read('downloads/two')).toBeUndefined()
  })
})

test('a list of more than one answer is whole', async () => {
  const files = open()
  const keys = Array.from({ length: 7 }, (_, at) => `downloads/f-${at}`)
  for (const key of keys) await put(files, key, key)
  expect((await files.list('downloads', 1_000)).map((file) => file.key)).toEqual(keys)
  expect((await files.list('downloads', 3)).map((file) => file.key)).toEqual(keys.slice(0, 3))
})

test('a part beyond the end of what is stored tells how long that is', async () => {
  const files = open()
  await put(files, 'downloads/short', 'abc')
  const found = await files.read('downloads/short', { start: 10, end: 20 })
  expect(found?.byteSize).toBe(3)
  expect(found && (await buffer(found.stream)).length).toBe(0)
})
