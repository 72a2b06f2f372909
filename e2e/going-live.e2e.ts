import { test as base, expect, type Page } from '@playwright/test'
import { startSandbox, type RunningSandbox } from '../sandbox/stripe/index.ts'
import { payOnSandbox } from './hosted-page.ts'
import { ask } from './raw-request.ts'
import { Shop, theOwner, visitorOptions } from './shop.ts'

// The whole way of an owner: set up, rehearse, enter keys, look at what going live does, do it, sell. A second sandbox plays the
// real Stripe: it knows nothing of the rehearsal and speaks to the shop from outside.

const key = 'sk_test_51TheRealStripeOfThisJourney4321'

const test = base.extend<object, { real: RunningSandbox; shop: Shop }>({
  real: [
    async ({ browser }, use) => {
      void browser // a worker's fixture names what it is made after
      const real = await startSandbox({
        key,
        delivery: 'sandbox',
        rateLimit: 'off',
        validate: true,
      })
      await use(real)
      await real.close()
    },
    { scope: 'worker' },
  ],
  shop: [
    async ({ real }, use) => {
      const shop = new Shop()
      shop.environment.STRIPE_API_BASE = real.url
      try {
        await shop.start()
        await use(shop)
      } finally {
        await shop.stop()
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})

async function counts(shop: Shop) {
  const [row] = await shop.query<{ orders: number; customers: number; products: number }>(
    `select (select count(*)::int from shop_order) as orders, (select count(*)::int from customer) as customers,
      (select count(*)::int from product where state = 'live') as products`,
  )
  return row
}

async function buy(page: Page, pay: (page: Page) => Promise<void>) {
  await page.goto('/')
  await page.getByRole('link', { name: 'Have a look' }).first().click()
  await page
    .getByRole('button', { name: /^Buy|^Pay|^Get/ })
    .first()
    .click()
  await pay(page)
}

test('keys are entered, checked, and gone live with: the rehearsal is swept away, the shop stays, and sells', async ({
  browser,
  shop,
  real,
}) => {
  test.setTimeout(400_000)
  const owner = await (await browser.newContext(visitorOptions(shop))).newPage()
  await owner.goto(shop.setupLink)
  await owner.getByLabel('Your name').fill(theOwner.name)
  await owner.getByLabel('E-mail').fill(theOwner.email)
  await owner.getByLabel('Password').fill(theOwner.password)
  await owner.getByRole('button', { name: 'Open my shop' }).click()
  await owner.waitForURL('**/admin/**')

  const buyer = await (await browser.newContext(visitorOptions(shop))).newPage()
  await buy(buyer, (page) => payOnSandbox(page, { email: 'ada@example.com' }))
  await expect.poll(async () => (await counts(shop))?.orders, { timeout: 30_000 }).toBe(1)
  const products = (await counts(shop))?.products

  await test.step('a wrong key is refused in words, a good one is stored and checked', async () => {
    await owner.goto('/admin/settings/stripe')
    await owner.getByRole('textbox', { name: 'Secret key' }).fill('pk_test_51abcdefghijklmnop')
    await owner.getByRole('button', { name: 'Store the key' }).click()
    await expect(owner.getByText('This is the publishable key').first()).toBeVisible()
    await owner.getByRole('textbox', { name: 'Secret key' }).fill(key)
    await owner.getByRole('button', { name: 'Store the key' }).click()
    await expect(owner.getByText('The key is stored, and Stripe takes it.')).toBeVisible()
    await owner.getByRole('button', { name: 'Check the key at Stripe' }).click()
    await expect(owner.getByText('Mode: test mode')).toBeVisible()
    await expect(owner.getByText('It may do all that the shop needs.')).toBeVisible()
    expect(await owner.content()).not.toContain(key)
  })

  await test.step('the webhook is registered from the page', async () => {
    await owner.getByRole('button', { name: 'Let Stripe deliver here' }).click()
    await expect(owner.getByText('Stripe delivers here from now on')).toBeVisible()
  })

  await test.step('going live shows what it does, and does it', async () => {
    await owner.getByRole('link', { name: 'See what going live does' }).click()
    await expect(owner.getByText('1 order with payments')).toBeVisible()
    await owner.getByLabel('I have read what is swept away').check()
    await owner.getByRole('button', { name: 'Leave the rehearsal' }).click()
    await expect(owner.getByText('The rehearsal is over')).toBeVisible({ timeout: 30_000 })
  })
  expect(await counts(shop)).toEqual({ orders: 0, customers: 0, products })

  await test.step('nothing of the rehearsal answers any more', async () => {
    for (const path of ['/sandbox', '/mailbox', '/style'])
      expect([path, (await ask(shop.port, { path })).status]).toEqual([path, 404])
    await buyer.goto('/')
    await expect(buyer.getByText('play money')).toHaveCount(0)
  })

  await test.step('a sale goes by the real Stripe, and its webhook brings the goods', async () => {
    const visitor = await (await browser.newContext(visitorOptions(shop))).newPage()
    await buy(visitor, async (page) => {
      await page.waitForURL(`${real.url}/c/pay/**`)
      await page.getByTestId('email').fill('grace@example.com')
      await page.getByTestId('card-number').fill('4242 4242 4242 4242')
      await page.getByTestId('card-expiry').fill('12 / 40')
      await page.getByTestId('card-cvc').fill('123')
      await page.getByTestId('card-name').fill('Grace Summer')
      await page.getByTestId('pay').click()
    })
    await expect.poll(async () => (await counts(shop))?.orders, { timeout: 30_000 }).toBe(1)
    const [order] = await shop.query<{ number: number; mode: string }>(
      'select number::int, mode from shop_order',
    )
    expect(order).toEqual({ number: 1001, mode: 'test' })
    expect(await shop.query("select from stripe_event where source = 'webhook'")).not.toEqual([])
  })

  await test.step('a process that is killed and started again sells by the same key', async () => {
    await shop.kill()
    await shop.start()
    expect(shop.output).not.toContain('made anew')
    await owner.goto('/admin/settings/stripe')
    await expect(owner.getByText('ends in 4321')).toBeVisible()
    expect((await ask(shop.port, { path: '/sandbox' })).status).toBe(404)
    const [row] = await shop.query<{ there: boolean }>(
      "select exists (select from pg_namespace where nspname = 'stripe_sandbox') as there",
    )
    expect(row?.there).toBe(false)
  })
})
