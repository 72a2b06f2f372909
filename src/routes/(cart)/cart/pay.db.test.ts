import { isRedirect, type Cookies, type RequestEvent } from '@sveltejs/kit'
import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { bundleKind } from '#modules/bundles/server/index.ts'
import { cartCookie } from '#modules/cart/cart-cookie.ts'
import type { CartEntry } from '#modules/cart/types.ts'
import { giftFields } from '#modules/cart/gift-form.ts'
import { provideProductExtras, provideProductKinds } from '#modules/orders/server/index.ts'
import { forgetBackend, providePayables } from '#modules/payments/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { payables } from '#boot/server/payables.ts'
import { productExtras, productKinds } from '#boot/server/product-kinds.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { aProduct, type TestProduct } from '../../../../test/sales.ts'
import { brokenInvariants } from '../../../../test/invariants.ts'
import { cartOf, keepCart } from '../../buyer.server.ts'
import { actions, load } from './+page.server.ts'

useDatabase()
emptyBeforeEach()
beforeEach(() => {
  forgetBackend()
  provideProductKinds(productKinds)
  provideProductExtras(productExtras)
  providePayables(payables)
})

/** A browser's cookies, as far as these pages use them. */
function aBrowser(): Cookies & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>()
  const cookies = {
    kept,
    get: (name: string) => kept.get(name),
    set: (name: string, value: string) => void kept.set(name, value),
    delete: (name: string) => void kept.delete(name),
  }
  return cookies as unknown as ReturnType<typeof aBrowser> // these pages use nothing else of them
}

function eventOf(
  cookies: Cookies,
  fields: Readonly<Record<string, string>> = {},
  network = '192.0.2.0',
): RequestEvent {
  const url = new URL('http://shop.example/cart?/pay')
  const event = {
    url,
    cookies,
    request: new Request(url, { method: 'POST', body: new URLSearchParams(fields) }),
    locals: { network, actor: undefined },
    setHeaders: () => undefined,
  }
  return event as unknown as RequestEvent // what the action reads of it
}

/** Where it leads, or the status it was refused with. */
async function pay(
  cookies: Cookies,
  fields: Readonly<Record<string, string>>,
  network?: string,
): Promise<string | number> {
  try {
    const refused = await (actions.pay as (event: RequestEvent) => Promise<unknown>)(
      eventOf(cookies, fields, network),
    )
    return (refused as { status: number }).status
  } catch (thrown) {
    if (isRedirect(thrown)) return thrown.location
    throw thrown
  }
}

const looked = (cookies: Cookies) =>
  (load as (event: RequestEvent) => Promise<Record<string, unknown>>)(eventOf(cookies))
const entryOf = (product: TestProduct): CartEntry => ({
  productId: product.id,
  quantity: 1,
  chosenMinor: undefined,
})
const orders = async () => (await db().selectFrom('shop_order').select('id').execute()).length

test('pressing twice at once for what costs nothing makes one order, and both find it', async () => {
  const sample = await aProduct('Sample', 0)
  const browser = aBrowser()
  keepCart(browser, { entries: [entryOf(sample)], code: undefined })
  await looked(browser)
  const press = () => {
    const tab = aBrowser()
    for (const [name, value] of browser.kept) tab.kept.set(name, value)
    return pay(tab, { total: '0', email: 'ada@example.com' })
  }
  const [one, other] = await Promise.all([press(), press()])
  expect(one).toMatch(/^\/checkout\//)
  expect(other).toBe(one)
  expect(await orders()).toBe(1)
  expect(await brokenInvariants()).toEqual([])
})

test('what costs nothing sends a few mails a day to an address that nobody has proven, and no more', async () => {
  const sample = await aProduct('Sample', 0)
  const take = (email: string, gift: Readonly<Record<string, string>> = {}) => {
    const browser = aBrowser()
    keepCart(browser, { entries: [entryOf(sample)], code: undefined })
    return pay(browser, { total: '0', email, ...gift })
  }
  for (let at = 0; at < 5; at++) expect(await take(`eve+${at}@example.com`)).toMatch(/^\/checkout/)
  expect(await take('eve+5@example.com')).toBe(429)
  const toEve = {
    [giftFields.isGift]: 'yes',
    [giftFields.fromName]: 'Mallory',
    [giftFields.toEmail]: 'eve@example.com',
    [giftFields.message]: 'Buy my pills',
  }
  expect(await take('mallory@example.com', toEve)).toBe(429)
  expect(await take('ada@example.com')).toMatch(/^\/checkout/)
})

test('a code that somebody wrote into the cookie is not looked up: guessing goes through the counted form alone', async () => {
  await sql`insert into coupon (code, basis_points) values ('SECRET', 5000)`.execute(db())
  const product = await aProduct()
  const browser = aBrowser()
  browser.kept.set(cartCookie, `${product.id}.1~SECRET`)
  expect(await looked(browser)).toMatchObject({
    coupon: undefined,
    couponProblem: undefined,
    totalMinor: 1200,
  })
  keepCart(browser, { entries: [entryOf(product)], code: 'SECRET' })
  expect(cartOf(browser).code).toBe('SECRET')
  expect(await looked(browser)).toMatchObject({ coupon: 'SECRET', totalMinor: 600 })
  browser.kept.set(cartCookie, (browser.kept.get(cartCookie) ?? '').replace('SECRET', 'SECRE7'))
  expect(cartOf(browser).code).toBeUndefined()
})

test('three bundles full of things are refused in words, for one purchase cannot hold them', async () => {
  const parts = await Promise.all(Array.from({ length: 20 }, (_, at) => aProduct(`Part ${at}`)))
  const bundles: TestProduct[] = []
  for (const title of ['One', 'Two', 'Three']) {
    const bundle = await aProduct(title, 5000)
    await sql`update product set kind = ${bundleKind.kind} where id = ${bundle.id}`.execute(db())
    await sql`insert into bundle_part (bundle_id, part_id, position)
      select ${bundle.id}, id, row_number() over () from product
      where id = any(${parts.map((part) => part.id)}::uuid[])`.execute(db())
    bundles.push(bundle)
  }
  const browser = aBrowser()
  keepCart(browser, { entries: bundles.map(entryOf), code: undefined })
  expect(await pay(browser, { total: '15000' })).toBe(400)
  expect(await db().selectFrom('checkout').select('id').execute()).toEqual([])
})

test('a field that has the name of a prototype is not told back: no answer could carry it', async () => {
  const browser = aBrowser()
  keepCart(browser, { entries: [entryOf(await aProduct('Sample', 0))], code: undefined })
  const refused = await (actions.pay as (event: RequestEvent) => Promise<unknown>)(
    eventOf(browser, { total: '0', ['__proto__']: 'x' }),
  )
  const { status, data } = refused as { status: number; data: { values: object } }
  expect([status, Object.keys(data.values)]).toEqual([400, ['total']])
})

test.each([
  ['an IPv4 address', () => '192.0.2.0'],
  // A household or a rented server has all addresses of such a network, and takes a new one for every try.
  ['an IPv6 network', (at: number) => `2001:db8:0:7::${at + 1}`],
])(
  '%s cannot keep all uses of a code for itself by starting purchases that it does not pay',
  async (_, network) => {
    await sql`insert into coupon (code, basis_points, most_uses) values ('FEW', 10000, 100)`.execute(
      db(),
    )
    const product = await aProduct()
    const take = (at: number) => {
      const browser = aBrowser()
      keepCart(browser, { entries: [entryOf(product)], code: 'FEW' })
      return pay(browser, { total: '0', email: `buyer${at}@example.com` }, network(at))
    }
    for (let at = 0; at < 20; at++) expect(await take(at)).toMatch(/^\/checkout\//)
    expect(await take(20)).toBe(429)
  },
)
