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

const page = '<!doctype html><title>A page</title>' + '<p>Words of the shop.</p>'.repeat(200)

/** The web application of these tests: what it answers at each address, as SvelteKit and its files do. */
const application: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/personal': (response) => response.setHeader('cache-control', 'private, no-store'),
  '/public': (response) => response.setHeader(publicPageHeader, '1'),
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
const { server } = createHttpServer(settings, (asked, response) => {
  response.setHeader('content-type', 'text/html')
  response.setHeader('content-length', Buffer.byteLength(page))
  application[asked.url ?? '']?.(response)
  response.writeHead(response.statusCode)
  response.end(asked.method === 'HEAD' ? undefined : page)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => new Promise((resolve) => server.close(resolve)))

provideApplication({
  isReady: async () => true,
  publicVersion: () => 1,
  webhook: async () => ({ status: 200, words: '' }),
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
