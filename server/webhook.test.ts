import { mkdtempSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { provideApplication, type Answer, type Application } from './application.ts'
import { createHttpServer } from './http.ts'
import { readSettings } from './settings.ts'

const told: { body: Buffer; signature: string | undefined }[] = []
let answer: Answer = { status: 200, words: 'Received.' }

const settings = readSettings(
  { DATA_DIR: mkdtempSync(path.join(os.tmpdir(), 'sundry-webhook-')), ORIGIN: 'http://shop.test' },
  process.cwd(),
)
const { server } = createHttpServer(settings, (_request, response) => {
  response.writeHead(204).end() // the web application: it would answer everything else
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

afterEach(() => {
  told.length = 0
  answer = { status: 200, words: 'Received.' }
})

function deliver(
  body: Buffer,
  headers: Record<string, string> = {},
  method = 'POST',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sending = request(
      {
        port: (server.address() as AddressInfo).port,
        path: '/webhooks/stripe?again',
        method,
        headers: { host: 'shop.test', 'content-length': String(body.length), ...headers },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      },
    )
    sending.on('error', reject)
    sending.end(body)
  })
}

test('before the application runs a delivery is put off', async () => {
  expect((await deliver(Buffer.from('{}'))).status).toBe(503)
})

test('a delivery is handed on byte for byte with its signature, and answered as the application says', async () => {
  provideApplication({
    isReady: async () => true,
    publicVersion: () => undefined,
    webhook: async (body, signature) => {
      told.push({ body: Buffer.from(body), signature })
      return answer
    },
    formerAsset: async () => undefined,
    figures: async () => [{ name: 'events', label: ['state', 'parked'], value: 3 }],
    ownerSetupLink: async () => undefined,
    stop: async () => undefined,
  } satisfies Application)
  const body = Buffer.from([0x7b, 0x22, 0xc3, 0xa9, 0xff, 0x00, 0x22, 0x7d])
  expect(await deliver(body, { 'stripe-signature': 't=1,v1=ab' })).toEqual({
    status: 200,
    text: 'Received.\n',
  })
  expect(told).toEqual([{ body, signature: 't=1,v1=ab' }])
  answer = { status: 400, words: 'The signature does not fit.' }
  expect((await deliver(body)).status).toBe(400)
  expect(told.at(-1)?.signature).toBeUndefined()
})

test('a body that is too large is refused before it is read, and nothing but POST is a delivery', async () => {
  expect((await deliver(Buffer.alloc(1_000_001))).status).toBe(413)
  expect((await deliver(Buffer.alloc(0), {}, 'GET')).status).not.toBe(200)
  expect(told).toEqual([])
})
