import type { Page } from '@playwright/test'
import { expect, test, type Shop } from './shop.ts'
import { says } from './visits.ts'

test.use({ ownShop: 'subscription plans' })
test.describe.configure({ mode: 'serial' })

const price = (page: Page) => page.getByLabel('Price')

async function planOf(shop: Shop, title: string) {
  const [plan] = await shop.query<{
    amount_minor: number
    interval_unit: string
    interval_count: number
    trial_days: number
    is_enabled: boolean
    stripe_price_id: string | null
  }>(
    `select p.*, p.amount_minor::int, a.stripe_price_id from plan p left join plan_price a on a.plan_id = p.id where p.title = $1`,
    [title],
  )
  return plan
}

test('the owner makes a quarterly plan with a trial: typed, looked at once more, made, and Stripe knows it [commerce 46, 47]', async ({
  owner,
  shop,
}) => {
  await owner.goto('/admin/orders')
  await owner.getByRole('link', { name: 'Subscriptions' }).first().click()
  await says(owner, 'No plans yet')
  await owner.getByRole('link', { name: 'New subscription plan' }).click()
  await owner.waitForURL('**plan=new**')
  await owner.waitForLoadState('networkidle')
  const field = price(owner)
  await field.pressSequentially('1234')
  await expect(field).toHaveValue('12.34')
  await field.press('Backspace')
  await expect(field).toHaveValue('1.23')
  await field.fill('')
  await field.pressSequentially('12.5')
  await expect(field).toHaveValue('12.5')
  await field.blur()
  await expect(field).toHaveValue('12.50')
  await field.fill('1.234')
  await field.blur()
  await says(owner, /write the price with all its decimals/i)
  await field.fill('')
  await field.pressSequentially('2400')
  await field.blur()
  await expect(field).toHaveValue('24.00')
  await owner.getByLabel('Number of periods').fill('3')
  await owner.getByLabel('Name').fill('Quarterly supporter')
  await owner.getByLabel('Trial').fill('7')
  await owner.getByRole('button', { name: 'See what will be made' }).click()
  await says(owner, '€24.00 every 3 months')
  await says(owner, '7 days free, then the first payment')
  expect(await planOf(shop, 'Quarterly supporter')).toBeUndefined()
  await owner.getByRole('button', { name: 'Go on editing' }).click()
  await expect(price(owner)).toHaveValue('24.00')
  await owner.getByRole('button', { name: 'See what will be made' }).click()
  await owner.getByRole('button', { name: 'Make the plan' }).click()
  await says(owner, 'The plan is made. People can subscribe to it.')
  const plan = await planOf(shop, 'Quarterly supporter')
  expect(plan).toMatchObject({
    amount_minor: 2_400,
    interval_unit: 'month',
    interval_count: 3,
    trial_days: 7,
    is_enabled: true,
  })
  expect(plan?.stripe_price_id).toMatch(/^price_/)
  const row = owner.getByRole('row', { name: /Quarterly supporter/ })
  await expect(row).toContainText('Open')
  // What cannot change is words, not a field.
  await expect(price(owner)).toHaveCount(0)
  await says(owner, 'stay as they were made')
})

test('words can be edited, and what another tab saved meanwhile is shown; disabled and enabled again with the checkbox [commerce 48, 50]', async ({
  owner,
  shop,
}) => {
  await owner.goto('/admin/subscriptions')
  await owner.getByRole('link', { name: 'Quarterly supporter' }).click()
  await owner.waitForURL(/plan=[0-9a-f-]{36}/)
  const other = await owner.context().newPage()
  await other.goto(owner.url())
  await other.getByLabel('Trial').fill('14')
  await other.getByRole('button', { name: 'Save' }).click()
  await says(other, /Saved\./)
  await owner.getByLabel('Description').fill('Four letters a year.')
  await owner.getByRole('button', { name: 'Save' }).click()
  await says(owner, 'Somebody changed this meanwhile')
  await expect(owner.getByLabel('Description')).toHaveValue('Four letters a year.')
  await owner.getByLabel('Trial').fill('14')
  await owner.getByRole('button', { name: 'Save' }).click()
  await says(owner, /Saved\./)
  expect((await planOf(shop, 'Quarterly supporter'))?.trial_days).toBe(14)

  await owner.getByLabel('Enabled').uncheck()
  await owner.getByRole('button', { name: 'Apply' }).click()
  await says(owner, /It is disabled: nobody new can subscribe/)
  expect((await planOf(shop, 'Quarterly supporter'))?.is_enabled).toBe(false)
  await owner.getByLabel('Enabled').check()
  await owner.getByRole('button', { name: 'Apply' }).click()
  await says(owner, 'It is enabled: people can subscribe to it.')
  await other.close()
})

test('without script as well: bare digits are asked about, a second plan of the interval is pointed out [commerce 46]', async ({
  owner,
  stranger,
  shop,
}) => {
  const page = await stranger({
    javaScriptEnabled: false,
    storageState: await owner.context().storageState(),
  })
  await page.goto('/admin/subscriptions?plan=new')
  await price(page).fill('2900')
  await page.getByLabel('Number of periods').fill('3')
  await page.getByLabel('Name').fill('Quarterly friend')
  await page.getByRole('button', { name: 'See what will be made' }).click()
  await says(page, 'That could be 29.00 or 2900.00: write it with its decimals.')
  await expect(page.getByLabel('Name')).toHaveValue('Quarterly friend')
  await price(page).fill('29,5')
  await page.getByRole('button', { name: 'See what will be made' }).click()
  await says(page, '€29.50 every 3 months')
  await says(page, '“Quarterly supporter” is open and paid as often')
  await page.getByRole('button', { name: 'Make the plan' }).click()
  await says(page, 'The plan is made')
  expect((await planOf(shop, 'Quarterly friend'))?.amount_minor).toBe(2_950)
  await page.getByLabel('Enabled').uncheck()
  await page.getByRole('button', { name: 'Apply' }).click()
  await says(page, /It is disabled/)
})

test('a plan that Stripe has not heard of says so, can be sent again, and gets there by itself', async ({
  owner,
  shop,
}) => {
  await shop.control('PUT', 'chaos', { api: { error_before: 1, paths: ['/v1/prices'] } })
  await owner.goto('/admin/subscriptions?plan=new')
  await owner.waitForLoadState('networkidle')
  await price(owner).pressSequentially('900')
  await owner.getByLabel('Name').fill('Slow to arrive')
  await owner.getByRole('button', { name: 'See what will be made' }).click()
  await owner.getByRole('button', { name: 'Make the plan' }).click()
  await says(owner, 'People can subscribe as soon as Stripe knows it.')
  await says(owner, 'Not at Stripe yet')
  await owner.getByRole('button', { name: 'Try again now' }).click()
  await says(owner, /Stripe cannot be reached right now/)
  await shop.control('PUT', 'chaos', {})
  await owner.getByRole('button', { name: 'Try again now' }).click()
  await says(owner, 'Stripe knows the plan as it is now.')
  expect((await planOf(shop, 'Slow to arrive'))?.stripe_price_id).toMatch(/^price_/)
})

test('a plan that is none is not found; a stranger is asked to sign in', async ({
  owner,
  stranger,
}) => {
  const answer = await owner.goto('/admin/subscriptions?plan=x')
  expect(answer?.status()).toBe(404)
  const visitor = await stranger()
  await visitor.goto('/admin/subscriptions?plan=new')
  expect(new URL(visitor.url()).pathname).toBe('/sign-in')
})
