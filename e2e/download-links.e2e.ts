import { payOnSandbox } from './hosted-page.ts'
import { ask } from './raw-request.ts'
import { expect, test } from './shop.ts'
import { isDelivered, pressBuy, says, signInByCode } from './visits.ts'

test('a copied link opens within its hour; afterwards another browser is refused and shown the way to sign in [commerce 17]', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'copied@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  const href = (await buyer.locator('a[href^="/downloads/"]').first().getAttribute('href')) ?? ''
  expect((await ask(shop.port, { path: href })).status).toBe(200)

  await shop.advance('61m')
  const other = await stranger()
  const refused = await other.goto(href)
  expect(refused?.status()).toBe(403)
  await says(other, 'This link has expired')
  await other.getByRole('link', { name: 'Sign in' }).first().click()
  await signInByCode(other, mailbox, 'copied@example.com')
  // Signed in, even the old link opens: it is theirs.
  const cookie = (await other.context().cookies())
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ')
  expect((await ask(shop.port, { path: href, headers: { cookie } })).status).toBe(200)
  // Without a browser the same is said in plain text.
  const plain = await ask(shop.port, { path: href })
  expect(plain.status).toBe(403)
  expect(plain.headers['content-type']).toMatch(/text\/plain/)
  expect(plain.text).toMatch(/This link has expired\. .*Sign in/)
  // The page of the receipt hands out fresh ones.
  await buyer.reload()
  const fresh = (await buyer.locator('a[href^="/downloads/"]').first().getAttribute('href')) ?? ''
  expect(fresh).not.toBe(href)
  expect((await ask(shop.port, { path: fresh })).status).toBe(200)
})

test('a signature belongs to one file, one holder and one hour', async ({ shop, stranger }) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'the-wednesday-planner')
  await payOnSandbox(buyer, { email: 'signed@example.com' })
  await isDelivered(buyer, 'The Wednesday Planner')
  const links = await buyer
    .locator('a[href^="/downloads/"]')
    .evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''))
  expect(links.length).toBeGreaterThan(1)
  const [one = '', two = ''] = links
  const mixed = `${two.split('?')[0]}?${one.split('?')[1]}`
  const longer = one.replace(/expires=(\d+)/, (_, at: string) => `expires=${Number(at) + 86_400}`)
  for (const [what, path] of [
    ['for another file', mixed],
    ['for a longer time', longer],
    ['with a sign changed', one.slice(0, -1) + (one.endsWith('A') ? 'B' : 'A')],
    ['without one', one.split('?')[0] ?? ''],
  ] as const) {
    const answer = await ask(shop.port, { path })
    expect(answer.status, what).toBe(403)
    expect(answer.headers['content-disposition'], what).toBeUndefined()
  }
})

test('a broken download goes on where it stopped', async ({ shop, stranger }) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'resume@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  const path = (await buyer.locator('a[href^="/downloads/"]').first().getAttribute('href')) ?? ''
  const whole = await ask(shop.port, { path })
  const length = Number(whole.headers['content-length'])
  const first = await ask(shop.port, { path, headers: { range: 'bytes=0-99' } })
  expect(first.status).toBe(206)
  const rest = await ask(shop.port, {
    path,
    headers: { range: 'bytes=100-', 'if-range': String(whole.headers.etag) },
  })
  expect(rest.status).toBe(206)
  expect(rest.headers['content-range']).toBe(`bytes 100-${length - 1}/${length}`)
  expect(first.text + rest.text).toBe(whole.text)
  expect((await ask(shop.port, { path, headers: { range: `bytes=${length}-` } })).status).toBe(416)
  expect((await ask(shop.port, { path, headers: { range: 'bytes=5-1,abc' } })).status).toBe(200)
  const head = await ask(shop.port, { method: 'HEAD', path })
  expect(head.status).toBe(200)
  expect(head.text).toBe('')
})
