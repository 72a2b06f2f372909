import { readFileSync } from 'node:fs'
import { sell } from './people.ts'
import { expect, test, type Shop } from './shop.ts'
import { says } from './visits.ts'

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
