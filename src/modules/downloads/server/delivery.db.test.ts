import { once } from 'node:events'
import type { ReadStream } from 'node:fs'
import { mkdir, open, rm, truncate, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { Readable } from 'node:stream'
import { setResponse } from '@sveltejs/kit/node'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createProduct } from '#modules/catalog/server/index.ts'
import { grant, followMoney } from '#modules/entitlements/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, now, runtime, storage } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import {
  accessOf,
  addFile,
  claimFile,
  deliverFile,
  downloadLink,
  linkLifeMs,
  receiveFile,
  removeItem,
  type Claim,
} from './index.ts'
import { findDeliverable, type DeliverableFile } from './store.delivery.ts'

useDatabase()
emptyBeforeEach()

/** The record is written when the last byte has left, which the client cannot see. */
const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 50 })

const cause = { actor: 'system', cause: 'test' } as const

interface Purchase {
  readonly productId: string
  readonly itemId: string
  readonly versionId: string
  readonly memberId: string
  readonly lineId: string
  readonly entitlementId: string
}

/** A member who bought a product with one file of this content. */
async function purchase(
  content: string | Buffer = 'the whole book',
  name = 'book.pdf',
): Promise<Purchase> {
  const memberId = newId()
  const customerId = newId()
  const lineId = newId()
  const received = await receiveFile(Readable.from([Buffer.from(content)]), name)
  if (!received.ok) throw new Error(received.reason)
  return inTransaction(async (tx) => {
    await tx
      .insertInto('member')
      .values({ id: memberId, email: `${memberId}@example.com`, name: 'Buyer' })
      .execute()
    await tx
      .insertInto('customer')
      .values({ id: customerId, email: `${memberId}@example.com`, member_id: memberId })
      .execute()
    const { id: productId } = await createProduct(tx, 'system', { kind: 'download', title: 'Book' })
    const added = await addFile(tx, 'system', productId, received.file, {})
    if (!added.ok) throw new Error(added.reason)
    await grant(
      tx,
      [
        {
          customerId,
          benefit: 'product',
          subjectId: productId,
          source: { kind: 'order_line', id: lineId },
        },
      ],
      cause,
    )
    const { id: entitlementId } = await tx
      .selectFrom('entitlement')
      .select('id')
      .where('source_id', '=', lineId)
      .executeTakeFirstOrThrow()
    return {
      productId,
      itemId: added.itemId,
      versionId: added.versionId,
      memberId,
      lineId,
      entitlementId,
    }
  })
}

function claimOf(bought: Purchase, more: Partial<Claim> = {}) {
  return claimFile(db(), {
    entitlementId: bought.entitlementId,
    versionId: bought.versionId,
    expires: null,
    signature: null,
    memberId: undefined,
    ...more,
  })
}

async function linkOf(bought: Purchase): Promise<Pick<Claim, 'expires' | 'signature'>> {
  const expiresAt = new Date((await now(db())).getTime() + linkLifeMs)
  const link = new URL(
    downloadLink(bought.entitlementId, bought.versionId, expiresAt),
    'http://shop.test',
  )
  expect(link.pathname).toBe(`/downloads/${bought.entitlementId}/${bought.versionId}`)
  return {
    expires: link.searchParams.get('expires'),
    signature: link.searchParams.get('signature'),
  }
}

const reason = async (claiming: ReturnType<typeof claimFile>) => {
  const result = await claiming
  return result.ok ? 'open' : result.reason
}

describe('who may fetch a file', () => {
  test('[commerce 17] a copied link opens it anywhere for an hour, then only signing in does', async () => {
    const bought = await purchase()
    const link = await linkOf(bought)
    expect(await reason(claimOf(bought, link))).toBe('open')
    await passTime(linkLifeMs - 60_000)
    expect(await reason(claimOf(bought, link))).toBe('open')
    await passTime(61_000)
    expect(await reason(claimOf(bought, link))).toBe('link_expired')
    expect(await reason(claimOf(bought, { ...link, memberId: bought.memberId }))).toBe('open')
    expect(await reason(claimOf(bought, { memberId: bought.memberId }))).toBe('open')
  })

  test('a link is good for its own file and entitlement, to the letter', async () => {
    const bought = await purchase()
    const other = await purchase()
    const link = await linkOf(bought)
    expect(await reason(claimOf(other, link))).toBe('sign_in')
    expect(await reason(claimOf(bought, { ...link, versionId: other.versionId }))).toBe('sign_in')
    expect(
      await reason(claimOf(bought, { ...link, expires: String(Number(link.expires) + 1) })),
    ).toBe('sign_in')
    expect(await reason(claimOf(bought, { ...link, expires: '9'.repeat(13) }))).toBe('sign_in')
    expect(await reason(claimOf(bought, { ...link, expires: '1e99' }))).toBe('sign_in')
    expect(await reason(claimOf(bought, { ...link, signature: '' }))).toBe('sign_in')
    expect(await reason(claimOf(bought, { ...link, signature: `${link.signature}x` }))).toBe(
      'sign_in',
    )
    expect(await reason(claimOf(bought, { ...link, signature: null }))).toBe('sign_in')
  })

  test('somebody else learns nothing, not even whether it exists', async () => {
    const bought = await purchase()
    const stranger = (await purchase()).memberId
    expect(await reason(claimOf(bought, { memberId: stranger }))).toBe('not_found')
    expect(await reason(claimOf(bought, { memberId: stranger, entitlementId: newId() }))).toBe(
      'not_found',
    )
    expect(await reason(claimOf(bought))).toBe('sign_in')
    expect(await reason(claimOf(bought, { entitlementId: newId() }))).toBe('sign_in')
    await inTransaction((tx) => followMoney(tx, [bought.lineId], 'refunded', cause))
    expect(await reason(claimOf(bought))).toBe('sign_in')
    expect(await reason(claimOf(bought, { memberId: stranger }))).toBe('not_found')
  })

  test('an entitlement opens the files of its own product only', async () => {
    const bought = await purchase()
    const other = await purchase()
    const mixed = { memberId: bought.memberId, versionId: other.versionId }
    expect(await reason(claimOf(bought, mixed))).toBe('not_found')
    expect(await reason(claimOf(bought, { memberId: bought.memberId, versionId: newId() }))).toBe(
      'not_found',
    )
  })

  test.each(['', 'x', '../../etc/passwd', "' or true --", '%00', '0'.repeat(36)])(
    'the id %j is nobody’s',
    async (id) => {
      const bought = await purchase()
      const memberId = bought.memberId
      expect(await reason(claimOf(bought, { memberId, entitlementId: id }))).toBe('not_found')
      expect(await reason(claimOf(bought, { memberId, versionId: id }))).toBe('not_found')
    },
  )

  test('an ended entitlement says why to its owner, whatever link is held', async () => {
    const bought = await purchase()
    const link = await linkOf(bought)
    await inTransaction((tx) => followMoney(tx, [bought.lineId], 'disputed', cause))
    expect(await reason(claimOf(bought, link))).toBe('disputed')
    await inTransaction((tx) => followMoney(tx, [bought.lineId], 'kept', cause))
    expect(await reason(claimOf(bought, link))).toBe('open')
    await inTransaction((tx) => followMoney(tx, [bought.lineId], 'refunded', cause))
    expect(await reason(claimOf(bought, link))).toBe('refunded')
    expect(await reason(claimOf(bought, { memberId: bought.memberId }))).toBe('refunded')
  })

  test('what the owner took away is gone', async () => {
    const bought = await purchase()
    await inTransaction((tx) => removeItem(tx, 'system', bought.productId, bought.itemId))
    expect(await reason(claimOf(bought, { memberId: bought.memberId }))).toBe('not_found')
  })
})

/** The delivery behind a real HTTP server, answering as the web application does. */
let server: http.Server
let base = ''
let serving: { file: DeliverableFile; entitlementId: string } | undefined

beforeAll(async () => {
  server = http.createServer((request, response) => {
    void (async () => {
      if (!serving) throw new Error('nothing to serve')
      const header = (name: string) => {
        const value = request.headers[name]
        return typeof value === 'string' ? value : null
      }
      const answer = await deliverFile(
        db(),
        serving.file,
        {
          method: request.method === 'HEAD' ? 'HEAD' : 'GET',
          range: header('range'),
          ifRange: header('if-range'),
          ifNoneMatch: header('if-none-match'),
        },
        { entitlementId: serving.entitlementId, network: '203.0.113.9', userAgent: 'Test/1' },
      )
      setResponse(
        response,
        answer.ok ? answer.response : new Response(answer.reason, { status: 503 }),
      )
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => new Promise<void>((closed) => void server.close(() => closed())))
beforeEach(() => {
  serving = undefined
})
// What is still being put on record must not meet the emptying of the tables.
afterEach(() =>
  soon(async () => {
    const open = await db().selectFrom('access_log').select('id').where('bytes', '=', 0).execute()
    expect(open).toEqual([])
  }),
)

async function serve(bought: Purchase): Promise<DeliverableFile> {
  const file = await findDeliverable(db(), bought.versionId)
  if (!file) throw new Error('no such version')
  serving = { file, entitlementId: bought.entitlementId }
  return file
}

const get = (headers: Record<string, string> = {}, method = 'GET') =>
  fetch(base, { method, headers })

function diskPath(key: string): string {
  return path.join(runtime().settings.storageUrl.slice('file:'.length), key)
}

const accessLog = async (bought: Purchase) =>
  (await accessOf(db(), bought.entitlementId)).map(({ bytes, isComplete }) => ({
    bytes,
    isComplete,
  }))

describe('sending a file', () => {
  test('whole, as an attachment that no browser shows or keeps', async () => {
    const bought = await purchase('the whole book', 'Märchen.pdf')
    const file = await serve(bought)
    const answer = await get()
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-length': '14',
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="Marchen.pdf"; filename*=UTF-8''M%C3%A4rchen.pdf`,
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'private, no-store, no-transform',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: `"${file.sha256}"`,
      'last-modified': file.storedAt.toUTCString(),
    })
    expect(await answer.text()).toBe('the whole book')
    await soon(async () =>
      expect(await accessLog(bought)).toEqual([{ bytes: 14, isComplete: true }]),
    )
    expect((await accessOf(db(), bought.entitlementId))[0]).toMatchObject({
      act: 'download',
      itemTitle: 'Märchen',
      versionLabel: '1',
      network: '203.0.113.9',
    })
  })

  test('HEAD tells the same and sends nothing', async () => {
    const bought = await purchase()
    await serve(bought)
    const answer = await get({}, 'HEAD')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-length')).toBe('14')
    expect(await answer.text()).toBe('')
    expect(await accessLog(bought)).toEqual([])
  })

  test.each([
    ['bytes=0-2', 206, 'the', 'bytes 0-2/14'],
    ['bytes=4-', 206, 'whole book', 'bytes 4-13/14'],
    ['bytes=-4', 206, 'book', 'bytes 10-13/14'],
    ['bytes=13-99', 206, 'k', 'bytes 13-13/14'],
    ['bytes=14-', 416, '', 'bytes */14'],
    ['bytes=-0', 416, '', 'bytes */14'],
    ['bytes=3-1', 200, 'the whole book', null],
    ['bytes=0-1,4-5', 200, 'the whole book', null],
    ['lines=1-2', 200, 'the whole book', null],
  ])('the range %s answers %i with %j', async (range, status, text, contentRange) => {
    await serve(await purchase())
    const answer = await get({ range })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-range')).toBe(contentRange)
    expect(await answer.text()).toBe(text)
  })

  test('a part is sent only of the very file that the client has begun', async () => {
    const file = await serve(await purchase())
    const part = (ifRange: string) => get({ range: 'bytes=4-', 'if-range': ifRange })
    expect((await part(`"${file.sha256}"`)).status).toBe(206)
    expect((await part(file.storedAt.toUTCString())).status).toBe(206)
    const replaced = await part('"another file"')
    expect(replaced.status).toBe(200)
    expect(await replaced.text()).toBe('the whole book')
  })

  test('a client that has it already is told so', async () => {
    const file = await serve(await purchase())
    expect((await get({ 'if-none-match': `"${file.sha256}"` })).status).toBe(304)
  })

  test('a part in the middle is no complete download, the part that reaches the end is', async () => {
    const bought = await purchase()
    await serve(bought)
    await (await get({ range: 'bytes=0-4' })).text()
    await (await get({ range: 'bytes=5-' })).text()
    await soon(async () =>
      expect(await accessLog(bought)).toEqual([
        { bytes: 9, isComplete: true },
        { bytes: 5, isComplete: false },
      ]),
    )
  })
})

describe('bytes that are not what was stored', () => {
  test.each([
    ['missing', (key: string) => rm(diskPath(key))],
    ['too short', (key: string) => truncate(diskPath(key), 3)],
    [
      'of the right length but changed',
      (key: string) => writeFile(diskPath(key), 'the whole b00k'),
    ],
  ])('%s: we are fixing it, and no wrong byte leaves', async (_, damage) => {
    const bought = await purchase()
    const file = await serve(bought)
    await damage(file.storageKey)
    expect((await get()).status).toBe(503)
    expect(await accessLog(bought)).toEqual([])
  })

  test('a large file with a flipped byte is cut before its end, and the record says incomplete', async () => {
    const bought = await purchase(Buffer.alloc(9_000_000, 7), 'large.zip')
    const file = await serve(bought)
    const handle = await open(diskPath(file.storageKey), 'r+')
    await handle.write(Buffer.from([8]), 0, 1, 5_000_000)
    await handle.close()
    const answer = await get()
    await expect(answer.arrayBuffer()).rejects.toThrow()
    await soon(async () => {
      const [entry] = await accessLog(bought)
      expect(entry?.isComplete).toBe(false)
      expect(entry?.bytes).toBeGreaterThan(1_000_000)
      expect(entry?.bytes).toBeLessThan(9_000_000)
    })
  })

  test('a large file that is right arrives whole', async () => {
    const bought = await purchase(Buffer.alloc(9_000_000, 7), 'large.zip')
    await serve(bought)
    expect((await (await get()).arrayBuffer()).byteLength).toBe(9_000_000)
    await soon(async () =>
      expect(await accessLog(bought)).toEqual([{ bytes: 9_000_000, isComplete: true }]),
    )
  })
})

describe('[commerce 18] a download of 2 GB', () => {
  const size = 2_000_000_000

  /** A file of 2 GB that takes no room: only its first and last bytes are written. */
  async function largePurchase(): Promise<Purchase> {
    const bought = await purchase('x', 'film.mov')
    const { storageKey } = await serve(bought)
    await mkdir(path.dirname(diskPath(storageKey)), { recursive: true })
    const handle = await open(diskPath(storageKey), 'w')
    await handle.write('first', 0)
    await handle.write('last', size - 4)
    await handle.close()
    await sql`update stored_file set byte_size = ${size} where storage_key = ${storageKey}`.execute(
      db(),
    )
    await serve(bought)
    return bought
  }

  test('is read only as fast as it is taken, is let go when the client is gone, and resumes where it broke off', async () => {
    const bought = await largePurchase()
    const reading = vi.spyOn(storage(), 'read')
    // The client takes a little, then nothing, then hangs up.
    const request = http.get(base)
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    expect(response.headers['content-length']).toBe(String(size))
    const [first] = (await once(response, 'data')) as [Buffer]
    expect(first.subarray(0, 5).toString()).toBe('first')
    response.pause()
    // While the client takes nothing the server goes on with other work, and reads no further.
    for (let round = 0; round < 100; round++) await get({}, 'HEAD')
    const stored = await reading.mock.results[0]?.value
    expect(stored?.stream).toMatchObject({ bytesRead: expect.any(Number), destroyed: false })
    expect((stored?.stream as ReadStream | undefined)?.bytesRead).toBeLessThan(16_000_000)
    response.destroy()
    await soon(async () => {
      const [entry] = await accessLog(bought)
      expect(entry?.isComplete).toBe(false)
      expect(entry?.bytes).toBeGreaterThan(0)
      // What fits into the buffers of both sides, not the file.
      expect(entry?.bytes).toBeLessThan(16_000_000)
    })
    expect(reading.mock.settledResults[0]?.value?.stream.destroyed).toBe(true)
    reading.mockRestore()
    const rest = await get({
      range: `bytes=${size - 1_000_000}-`,
      'if-range': response.headers.etag ?? '',
    })
    expect(rest.status).toBe(206)
    expect(rest.headers.get('content-range')).toBe(`bytes ${size - 1_000_000}-${size - 1}/${size}`)
    const bytes = Buffer.from(await rest.arrayBuffer())
    expect(bytes.length).toBe(1_000_000)
    expect(bytes.subarray(-4).toString()).toBe('last')
    await soon(async () =>
      expect((await accessLog(bought))[0]).toEqual({ bytes: 1_000_000, isComplete: true }),
    )
  })
})
