import { mkdtempSync } from 'node:fs'
import { request, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { provideApplication } from './application.ts'
import { publicPageHeader } from './forwarded.ts'
import { createHttpServer } from './http.ts'
import { readSettings } from './settings.ts'
import { until } from '../test/until.ts'

const page = '<!doctype html><title>A page</title>' + '<p>Words of the shop.</p>'.repeat(200)

/** The web application of these tests: what it answers at each address, as SvelteKit and its files do. */
let isAway = false
const application: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/personal': (response) => response.setHeader('cache-control', 'private, no-store'),
  '/public': (response) => response.setHeader(publicPageHeader, '1'),
  '/soon': (response) => {
    if (isAway) response.statusCode = 503
    else response.setHeader(publicPageHeader, '1')
  },
  '/part.js': (response) => {
    response.statusCode = 206
    response.setHeader('content-range', `bytes 0-${page.length - 1}/99999`)
    response.setHeader('content-type', 'text/javascript')
  },
}

const settings = readSettings(
  {
    DATA_DIR: mkdtempSync(path.join(os.tmpdir(), 'sundry-http-')),
    ORIGIN: 'http://shop.test',
    METRICS_TOKEN: 'a token that only tests know',
  },
  process.cwd(),
)
/** Requests at /held that wait until a test lets them go. */
const held: (() => void)[] = []

const { server } = createHttpServer(
  settings,
  (asked, response) => {
    if (asked.url?.startsWith('/held') || asked.url === '/buy') {
      held.push(() => response.writeHead(204).end())
      return
    }
    response.setHeader('content-type', 'text/html')
    response.setHeader('content-length', Buffer.byteLength(page))
    application[asked.url ?? '']?.(response)
    response.writeHead(response.statusCode)
    response.end(asked.method === 'HEAD' ? undefined : page)
  },
  new Set(['own.js']),
)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => new Promise((resolve) => server.close(resolve)))

let version: number | undefined = 1
provideApplication({
  isReady: async () => true,
  publicVersion: () => version,
  webhook: async () => ({ status: 200, words: '' }),
  formerAsset: async (pathname) => {
    if (pathname.includes('silent')) throw new Error('The store is silent.')
    return pathname.endsWith('/former.js') ? Buffer.from('former()') : undefined
  },
  figures: async () => [{ name: 'events', label: ['state', 'parked'], value: 3 }],
  ownerSetupLink: async () => undefined,
  stop: async () => undefined,
})

function ask(
  address: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        port: (server.address() as AddressInfo).port,
        path: address,
        method,
        headers: { host: 'shop.test', connection: 'close', ...headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    asking.on('error', reject)
    asking.end()
  })
}

test('the headers of a page say nothing false of it: its length is never told as 0', async () => {
  for (const address of ['/personal', '/public']) {
    const { headers } = await ask(address, { 'accept-encoding': 'gzip' }, 'HEAD')
    expect(headers['content-length']).toBeUndefined()
    expect(headers[publicPageHeader]).toBeUndefined()
  }
  const got = await ask('/public', { 'accept-encoding': 'gzip' })
  const told = await ask('/public', { 'accept-encoding': 'gzip' }, 'HEAD')
  expect(told.headers['content-length']).toBe(String(got.body.length))
  expect(told.headers.etag).toBe(got.headers.etag)
})

test.each(['/personal', '/public'])('%s is packed only as its reader can unpack it', async (at) => {
  const packed = async (accepted: string) =>
    (await ask(at, { 'accept-encoding': accepted })).headers['content-encoding']
  expect(await packed('br;q=0, zstd;q=0, gzip;q=0.0')).toBeUndefined()
  expect(await packed('br;q=0,zstd; q=0.000, gzip')).toBe('gzip')
  expect(await packed('GZIP;q=0.5')).toBe('gzip')
  expect(await packed('x-gzip-like, identity')).toBeUndefined()
  const { body } = await ask(at, { 'accept-encoding': 'gzip' })
  expect(gunzipSync(body).toString()).toBe(page)
})

test('a part of a file goes out as the bytes that were asked for', async () => {
  const { status, headers, body } = await ask('/part.js', { 'accept-encoding': 'gzip, zstd' })
  expect(status).toBe(206)
  expect(headers['content-encoding']).toBeUndefined()
  expect(body.toString()).toBe(page)
})

test('a page is asked for again by any of the validators its reader holds', async () => {
  for (const at of ['/personal', '/public']) {
    const etag = String((await ask(at)).headers.etag)
    for (const held of [etag, `W/"old", ${etag}`, etag.replace('W/', ''), '*'])
      expect((await ask(at, { 'if-none-match': held })).status).toBe(304)
    expect((await ask(at, { 'if-none-match': 'W/"old"' })).status).toBe(200)
  }
})

test('the metrics open with their token alone, and name no address', async () => {
  await ask('/personal?who=ada@example.com')
  expect((await ask('/metrics')).status).toBe(401)
  expect((await ask('/metrics', { authorization: 'Bearer a guess that is wrong' })).status).toBe(
    401,
  )
  const told = await ask('/metrics', { authorization: 'Bearer a token that only tests know' })
  const text = told.body.toString()
  expect(told.status).toBe(200)
  expect(text).toMatch(/^sundry_requests_total\{kind="other",method="GET",status="2xx"\} [1-9]/m)
  expect(text).toMatch(/^sundry_events\{state="parked"\} 3$/m)
  expect(text).toMatch(/^sundry_event_loop_delay_seconds\{quantile="0.99"\} /m)
  expect(text).not.toMatch(/ada|personal|shop\.test/)
})

test('load 4: when more is asked than can be done, pages are refused in words and at once; money and what is kept are not', async () => {
  await ask('/public')
  const many = Array.from({ length: 400 }, (_, n) => ask(`/held/${n}`, { accept: 'text/html,*/*' }))
  await until('some are worked on', () => held.length > 0)
  const refused = await Promise.any(
    many.map(async (one) => {
      const answer = await one
      return answer.status === 503 ? answer : Promise.reject(new Error('not this one'))
    }),
  )
  expect(refused.headers['retry-after']).toMatch(/^\d+$/)
  expect(refused.headers['cache-control']).toBe('no-store')
  expect(refused.headers['content-type']).toMatch(/^text\/html/)
  expect(refused.body.toString()).toMatch(/Please try again in a few seconds/)
  expect(held.length).toBeLessThan(30)

  const underWay = held.length
  const buying = ask('/buy', { 'content-length': '0' }, 'POST')
  await until('the purchase is worked on', () => held.length > underWay)
  expect((await ask('/public')).status).toBe(200)
  const told = await ask('/metrics', { authorization: 'Bearer a token that only tests know' })
  expect(told.body.toString()).toMatch(/^sundry_requests_shed_total\{share="pages"\} [1-9]/m)
  expect(told.body.toString()).toMatch(/^sundry_requests_shed_total\{share="money"\} 0$/m)

  let isOver = false
  const all = Promise.all(many).then((answers) => {
    isOver = true
    return answers.map(({ status }) => status)
  })
  await until('all are answered', () => {
    held.splice(0).forEach((go) => go())
    return isOver
  })
  expect(new Set(await all)).toEqual(new Set([204, 503]))
  expect((await buying).status).toBe(204)
  // Afterwards it is as before.
  expect((await ask('/personal')).status).toBe(200)
})

test('a form that there is no turn for is refused with words that say nothing was done', async () => {
  const many = Array.from({ length: 400 }, (_, n) =>
    ask(`/held/${n}`, { 'content-length': '0' }, 'POST'),
  )
  const statuses = Promise.all(many.map(async (one) => (await one).status))
  const refused = await Promise.any(
    many.map(async (one) => {
      const answer = await one
      return answer.status === 503 ? answer : Promise.reject(new Error('not this one'))
    }),
  )
  expect(refused.body.toString()).toMatch(/Nothing was done with what you sent/)
  let isOver = false
  void statuses.then(() => (isOver = true))
  await until('all are answered', () => {
    held.splice(0).forEach((go) => go())
    return isOver
  })
})

test('M01: what cannot be made right now is shown as it was last made; what was never made says when to come back', async () => {
  isAway = true
  expect(await ask('/soon')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
  isAway = false
  const made = await ask('/soon')
  expect(made.status).toBe(200)
  isAway = true
  version = undefined
  const kept = await ask('/soon')
  expect([kept.status, kept.headers.etag, kept.body.toString()]).toEqual([
    200,
    made.headers.etag,
    page,
  ])
  expect(kept.headers['retry-after']).toBeUndefined()
  // Whoever is somebody gets no page of nobody's.
  const own = await ask('/soon', { cookie: 'sundry-session=x' })
  expect([own.status, own.headers['retry-after']]).toEqual([503, '5'])
  version = 1
  isAway = false
})

test('M31: scripts of another build of this shop are handed out for ever, unknown ones are told as missing', async () => {
  expect((await ask('/_app/immutable/own.js')).body.toString()).toBe(page)
  const former = await ask('/_app/immutable/former.js')
  expect([former.status, former.body.toString()]).toEqual([200, 'former()'])
  expect(former.headers['content-type']).toBe('text/javascript')
  expect(former.headers['cache-control']).toContain('immutable')
  for (const address of ['none.js', 'former.html', '..%2fsecret'])
    expect((await ask(`/_app/immutable/${address}`)).status).toBe(404)
  // Nobody could look: that must not be remembered as "there is none".
  expect((await ask('/_app/immutable/silent.js')).status).toBe(503)
})

test('the file of a first product may be as large in the set-up as on a page of its own', async () => {
  const large = { 'content-length': '300000000' }
  for (const address of ['/admin/setup/product', '/admin/products/01/files'])
    expect((await ask(address, large, 'POST')).status).toBe(200)
  expect((await ask('/admin/setup', large, 'POST')).status).toBe(413)
})
