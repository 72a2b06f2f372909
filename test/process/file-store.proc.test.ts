import { afterAll, beforeAll, expect, test } from 'vitest'
import { startS3Server, type S3Server } from '../s3-server.ts'
import { until } from '../until.ts'
import { ShopProcess } from './shop.ts'

// The real program with its files in a bucket, over the wire, signatures checked.

let store: S3Server
const shop = new ShopProcess()

beforeAll(async () => {
  store = await startS3Server()
  shop.environment.STORAGE_URL = store.url('shop')
  await shop.start()
}, 120_000)

afterAll(async () => {
  await shop.stop()
  await store.close()
})

test('a shop whose files lie in a bucket sells and delivers; while the store is down its pages stay, downloads say so; nothing is lost (M23)', async () => {
  const files = await shop.query<{ storage_key: string }>('select storage_key from stored_file')
  expect(files.length).toBeGreaterThan(3)

  expect(await shop.buy()).toBe(303)
  const checkout = await shop.newestCheckout()
  await shop.control('POST', 'pay', {
    session: checkout?.stripe_session_id,
    email: 'bucket@example.com',
  })
  const page = await until('the receipt leads to the goods', async () => {
    const [mail] = await shop.query<{ url: string }>(
      `select block->>'url' as url from email_message, jsonb_array_elements(content->'blocks') block
       where template = 'receipt' and block->>'kind' = 'button'`,
    )
    return mail?.url
  })
  const html = async () => (await fetch(page)).text()
  const linkOf = (text: string) =>
    /href="(\/downloads\/[^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const link = linkOf(await html())
  const whole = await fetch(shop.origin + link)
  expect(whole.status).toBe(200)
  const bytes = Buffer.from(await whole.arrayBuffer())
  expect(bytes.length).toBe(Number(whole.headers.get('content-length')))

  await store.shut()
  const listed = await html()
  expect(linkOf(listed)).not.toBe('')
  const refused = await fetch(shop.origin + link)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60'])
  expect(await refused.text()).toMatch(/Files cannot be reached right now.*nothing is lost/)
  expect((await fetch(`${shop.origin}/readyz`)).status).toBe(200)

  await store.open()
  const again = await fetch(shop.origin + link, { headers: { range: 'bytes=5-' } })
  expect(again.status).toBe(206)
  expect(Buffer.from(await again.arrayBuffer()).equals(bytes.subarray(5))).toBe(true)
  expect(shop.output).not.toContain(store.keys.secretKey)
  expect(await shop.brokenInvariants()).toEqual([])
})

test.each([
  ['a wrong secret', () => store.url('other', 'not-the-secret'), /does not accept the secret key/],
  [
    'no such bucket',
    () => store.url('other').replace('/files/', '/nowhere/'),
    /no bucket "nowhere"/,
  ],
])('with %s the program does not start and says why in one line', async (_, url, words) => {
  const wrong = new ShopProcess()
  wrong.environment.STORAGE_URL = url()
  const ended: unknown = await wrong.start().catch((error: unknown) => error)
  await wrong.stop()
  expect(String(ended)).toMatch(words)
  expect(wrong.output).not.toMatch(/not-the-secret|secret\+of/)
  expect(wrong.output).not.toMatch(/^ +at /m)
})

test('another shop is not let into the same place', async () => {
  const other = new ShopProcess()
  other.environment.STORAGE_URL = store.url('shop')
  const ended: unknown = await other.start().catch((error: unknown) => error)
  await other.stop()
  expect(String(ended)).toMatch(/holds the files of another shop/)
})

test('a shop starts while its store is silent, and has its files as soon as the store is back', async () => {
  const late = new ShopProcess()
  late.environment.STORAGE_URL = store.url('late')
  await late.start()
  await late.kill()
  await store.shut()
  await late.start()
  expect((await fetch(late.origin)).status).toBe(200)
  await store.open()
  await late.stop()
})
