import { readFileSync } from 'node:fs'
import { payOnSandbox } from './hosted-page.ts'
import { makePlan } from './plans.ts'
import { expect, test } from './shop.ts'
import { isDelivered, pressBuy, says, signInByCode } from './visits.ts'

test.use({ ownShop: 'leaving' })
test.describe.configure({ mode: 'serial' })

test('a member takes their data along and deletes the account: the subscription ends first, the order stays without a name [commerce 77]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  await makePlan(owner, { title: 'Letters by the sea', price: '500', count: '1', trial: '0' })
  const email = 'leaving@example.com'
  const page = await stranger()
  await signInByCode(page, mailbox, email)
  await pressBuy(page, 'tidemarks')
  await payOnSandbox(page, {})
  await isDelivered(page, 'Tidemarks')
  await page.goto('/plans')
  await page.getByRole('button', { name: 'Subscribe to Letters by the sea' }).click()
  await payOnSandbox(page, {})
  await page.waitForURL('**/dashboard/membership?notice=begun')

  const receipt = await mailbox.mail(email, /receipt for Tidemarks/)

  await page.goto('/dashboard/settings')
  await page.getByRole('link', { name: 'Download it or delete your account' }).click()
  await page.waitForURL('**/settings/your-data')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download my data' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/^my-data-\d{4}-\d\d-\d\d\.json$/)
  const data = JSON.parse(readFileSync(await download.path(), 'utf8')) as {
    account: { email: string }[]
    orders: unknown[]
    subscriptions: { status: string }[]
  }
  expect(data.account[0]?.email).toBe(email)
  expect(data.orders).toHaveLength(1)
  expect(data.subscriptions[0]?.status).toBe('active')

  await says(page, /Letters by the sea ends at once/)
  await says(page, /Your order stays in the books without your name/)
  await page.getByLabel('I am sure. This cannot be taken back.').check()
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await page.waitForURL(/account-deleted/)
  await says(page, 'Your account is deleted')
  const last = await mailbox.mail(email, /Your account at .* is deleted/)
  expect(last.text).toContain('keep those mails')
  await page.goto('/dashboard')
  expect(new URL(page.url()).pathname).toBe('/sign-in')
  expect(
    await shop.query(
      `select s.status, o.buyer_name, o.email like '%@erased.invalid' as erased from subscription s
       join customer c on c.id = s.customer_id join shop_order o on o.customer_id = c.id`,
    ),
  ).toEqual([{ status: 'canceled', buyer_name: null, erased: true }])
  await owner.goto('/admin/orders')
  await expect(owner.getByRole('row', { name: /erased\.invalid/ })).toHaveCount(1)

  // The link in the receipt is the only key that is left, and opens what was bought.
  await page.goto(receipt.links[0] ?? '')
  await expect(page.locator('a[href^="/downloads/"]').first()).toBeVisible()

  // The same mailbox is somebody new.
  const again = await stranger()
  await signInByCode(again, mailbox, email)
  await again.goto('/dashboard/receipts')
  await expect(again.getByText('Tidemarks')).toHaveCount(0)
})

test('without script, and with a session from long ago, the code is asked for first; unsure, nothing is deleted', async ({
  stranger,
  mailbox,
  shop,
}) => {
  const email = 'unsure@example.com'
  const page = await stranger({ javaScriptEnabled: false })
  await signInByCode(page, mailbox, email)
  await page.goto('/dashboard/settings/your-data')
  await page.evaluate(() => {
    for (const field of document.querySelectorAll('[required]')) field.removeAttribute('required')
  })
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await says(page, 'Nothing was deleted')
  await says(page, 'Please say that you are sure')
  await shop.advance('1h')
  await page.goto('/dashboard/settings/your-data')
  await page.getByLabel('I am sure. This cannot be taken back.').check()
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await page.waitForURL('**/sign-in/**')
  expect(
    await shop.query('select count(*)::int as there from member where email = $1', [email]),
  ).toEqual([{ there: 1 }])
})
