import { readFileSync } from 'node:fs'
import { payOnSandbox } from './hosted-page.ts'
import { sell } from './people.ts'
import { makePlan } from './plans.ts'
import { expect, test, type Shop } from './shop.ts'
import { says, signInByCode } from './visits.ts'

// Sums of a shop that nobody else sells in.
test.use({ ownShop: 'numbers' })
test.describe.configure({ mode: 'serial' })

const paidOf = async (shop: Shop) =>
  (await shop.query<{ paid: number }>('select sum(total_minor)::int as paid from shop_order'))[0]
    ?.paid ?? 0

test('the owner sees what the shop sold: nothing at first, then day by day, and takes it along', async ({
  owner,
  shop,
}) => {
  await owner.goto('/admin/orders')
  await owner.getByRole('link', { name: 'Numbers' }).first().click()
  await says(owner, 'Nothing sold yet')

  await sell(shop, 'first@example.com')
  await shop.advance('1d')
  await sell(shop, 'second@example.com')
  await sell(shop, 'second@example.com')
  const paid = (await paidOf(shop)) / 100
  await owner.goto('/admin/numbers')
  await says(owner, 'Play money.')
  const amount = paid.toFixed(2)
  await expect(owner.getByRole('heading', { level: 2 }).first()).toContainText(amount)
  await expect(owner.getByRole('img', { name: /The table below has every day/ })).toBeVisible()
  await owner.getByText('Every day as a table').click()
  await expect(owner.getByRole('table', { name: 'Sales by day' }).getByRole('row')).toHaveCount(29)

  await owner.getByRole('link', { name: '7 days' }).click()
  await owner.waitForURL('**period=7**')
  await expect(owner.getByRole('heading', { level: 2 }).first()).toContainText(amount)

  const [download] = await Promise.all([
    owner.waitForEvent('download'),
    owner.getByRole('link', { name: 'Orders', exact: true }).last().click(),
  ])
  expect(download.suggestedFilename()).toMatch(
    /^orders-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d-play-money\.csv$/,
  )
  const csv = readFileSync(await download.path(), 'utf8')
  const rows = csv.trim().split('\r\n').slice(1)
  expect(rows).toHaveLength(3)
  expect(rows.reduce((sum, row) => sum + Number(row.split(',')[8]), 0)).toBeCloseTo(paid)
  expect(
    await shop.query(`select from audit_entry where action = 'numbers.exported'`),
  ).toHaveLength(1)
})

test('days can be chosen, also without script; what cannot be is said', async ({
  owner,
  stranger,
  shop,
}) => {
  const page = await stranger({
    javaScriptEnabled: false,
    storageState: await owner.context().storageState(),
  })
  await page.goto('/admin/numbers')
  await page.getByText('Choose days').click()
  await page.getByLabel('First day').fill('2024-02-29')
  await page.getByLabel('Last day').fill('2024-02-29')
  await page.getByRole('button', { name: 'Show' }).click()
  await says(page, 'Nothing was sold in these days')
  await page.goto('/admin/numbers?period=custom&from=2024-03-01&to=2024-02-01')
  await says(page, 'The first day is after the last one. You see the last 28 days.')
  await page.goto('/admin/numbers?period=year&money=real')
  await says(page, 'Nothing was sold in these days')
  const visitor = await stranger()
  await visitor.goto('/admin/numbers')
  expect(new URL(visitor.url()).pathname).toBe('/sign-in')
  const answer = await visitor.request.get(`${shop.origin}/admin/numbers/orders.csv`, {
    maxRedirects: 0,
  })
  expect(answer.status()).toBe(303)
})

test('memberships: what a month brings is the same on the page, in CSV and in JSON [commerce 76]', async ({
  owner,
  stranger,
  mailbox,
}) => {
  await owner.goto('/admin/numbers')
  await owner.getByRole('link', { name: 'Memberships', exact: true }).click()
  await owner.waitForURL('**/numbers/memberships')
  await says(owner, /No plans yet|Nobody has subscribed yet/)
  await makePlan(owner, { title: 'A year of letters', price: '12000', count: '12', trial: '0' })
  const reader = await stranger()
  await reader.goto('/plans')
  await reader.getByRole('button', { name: 'Subscribe to A year of letters' }).click()
  await reader.waitForURL('**/sign-in?next=**')
  await signInByCode(reader, mailbox, 'yearly@example.com', /\/plans\?plan=/)
  await reader.getByRole('button', { name: /^Go on to payment/ }).click()
  await payOnSandbox(reader, {})
  await reader.waitForURL('**/dashboard/membership?notice=begun')

  await owner.goto('/admin/numbers/memberships')
  await expect(owner.getByRole('heading', { level: 2 }).first()).toContainText('€10.00 a month')
  await expect(owner.getByRole('img', { name: /1 new, 0 ended/ })).toBeVisible()
  await expect(
    owner.getByRole('table', { name: /^Plans/ }).getByRole('row', { name: /A year of letters/ }),
  ).toContainText('€10.00')
  await owner.getByText('Every day as a table').click()
  await expect(
    owner.getByRole('table', { name: 'Memberships by day' }).getByRole('row').last(),
  ).toContainText('€10.00')

  const told = (await (
    await owner.request.get(
      (await owner.getByRole('link', { name: 'JSON' }).getAttribute('href')) ?? '',
    )
  ).json()) as {
    closing: { monthlyMinor: number; paying: number }
    days: { day: string; monthlyMinor: number }[]
  }
  expect(told.closing).toMatchObject({ monthlyMinor: 1_000, paying: 1 })
  const [download] = await Promise.all([
    owner.waitForEvent('download'),
    owner.getByRole('link', { name: 'Days', exact: true }).click(),
  ])
  const rows = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\r\n')
    .slice(1)
  expect(rows.map((row) => row.split(',').slice(0, 2))).toEqual(
    told.days.map((day) => [day.day, (day.monthlyMinor / 100).toFixed(2)]),
  )

  const visitor = await stranger()
  const refused = await visitor.request.get('/admin/numbers/memberships.json', { maxRedirects: 0 })
  expect(refused.status()).toBe(303)
})
