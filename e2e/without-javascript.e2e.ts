import { payOnSandbox } from './hosted-page.ts'
import { expect, test, theOwner } from './shop.ts'
import { fetchFile, isDelivered, pressBuy, says, signInByCode } from './visits.ts'

// Every form is a real form: what scripts add is comfort.

test('a stranger buys, fetches the file and comes back by code without script', async ({
  stranger,
  mailbox,
}) => {
  const buyer = await stranger({ javaScriptEnabled: false })
  await buyer.goto('/')
  await buyer.getByRole('link', { name: 'Tidemarks' }).first().click()
  await buyer.getByRole('button', { name: 'Buy for €9' }).first().click()
  await payOnSandbox(buyer, { email: 'plain@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  await fetchFile(buyer)
  await signInByCode(buyer, mailbox, 'plain@example.com')
  await expect(buyer.getByRole('heading', { name: 'Tidemarks' })).toBeVisible()
  await buyer.goto('/dashboard/receipts')
  await buyer.getByRole('link', { name: /Tidemarks/ }).click()
  await buyer.getByRole('button', { name: 'Send it to me again' }).click()
  await says(buyer, /on its way to plain@example.com/)
  await buyer.goto('/search')
  await buyer.getByRole('searchbox').fill('tide')
  await buyer.getByRole('searchbox').press('Enter')
  await expect(buyer.getByRole('link', { name: 'Tidemarks' }).first()).toBeVisible()
  await buyer.goto('/sign-out')
  await buyer.getByRole('button', { name: 'Sign out' }).click()
  await buyer.goto('/dashboard')
  expect(new URL(buyer.url()).pathname).toBe('/sign-in')
})

test('a payment that is not confirmed yet asks again by itself, and shows the goods when it is [commerce 3][payments 4]', async ({
  shop,
  stranger,
}) => {
  await shop.control('PUT', 'chaos', {
    deliveries: { hold: true },
    api: { paths: ['/v1/checkout'], methods: ['GET'], error_before: 1 },
  })
  const buyer = await stranger({ javaScriptEnabled: false })
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'waiting@example.com' })
  await buyer.waitForURL('**/checkout/*')
  await expect(buyer.getByRole('heading', { level: 1 })).toHaveText(
    'Your payment is being confirmed',
  )
  await shop.control('PUT', 'chaos', {})
  await shop.control('POST', 'release')
  // Nobody presses anything: the page says to be asked for again.
  await isDelivered(buyer, 'Tidemarks')
})

test('the owner refunds and creates without script', async ({ browser, shop, owner, stranger }) => {
  void browser
  const buyer = await stranger({ javaScriptEnabled: false })
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'refund-plain@example.com' })
  await isDelivered(buyer, 'Tidemarks')

  const plain = await stranger({
    javaScriptEnabled: false,
    storageState: await owner.context().storageState(),
  })
  await plain.goto('/admin/orders?q=refund-plain@example.com')
  await plain.getByRole('link', { name: /^#/ }).click()
  await plain.getByRole('link', { name: 'Refund', exact: true }).click()
  await says(plain, /stops opening for them/)
  await plain.getByLabel(/why|reason/i).fill('Asked for by mail')
  await plain.getByRole('button', { name: 'Refund €9.00' }).click()
  await plain.waitForURL('**?notice=refunded')

  await plain.goto('/admin/products/new')
  await plain.getByLabel('Title').fill('Plain Piece')
  await plain.getByRole('button', { name: 'Begin the draft' }).click()
  await plain.waitForURL(/\/admin\/products\/[0-9a-f-]{36}/)
  await plain.getByRole('textbox', { name: 'Price' }).fill('3')
  await plain.getByRole('button', { name: 'Set the price' }).click()
  await plain.locator('input[type=file][name=file]').setInputFiles({
    name: 'plain-piece.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('%PDF-1.4 plain'),
  })
  await plain
    .getByRole('region', { name: 'What buyers get' })
    .getByRole('button', { name: 'Upload' })
    .click()
  await says(plain, 'Added.')
  await plain.getByText('Put into the shop', { exact: true }).first().click()
  await plain.locator('form[action="?/publish"]').getByRole('button').first().click()
  await says(plain, 'It is in the shop now.')
  await buyer.goto('/')
  await expect(buyer.getByRole('link', { name: 'Plain Piece' }).first()).toBeVisible()
  expect(await shop.brokenInvariants()).toEqual([])
})

test('the owner signs in with a password without script, and a wrong one is told in words', async ({
  ownerCookies,
  stranger,
}) => {
  void ownerCookies
  const page = await stranger({ javaScriptEnabled: false })
  await page.goto('/sign-in?next=/admin/orders')
  await page.getByText('Use a password instead').click()
  const form = page.locator('form[action="?/password"]')
  await form.getByLabel('E-mail').fill(theOwner.email)
  await form.getByLabel('Password').fill('not this one at all')
  await form.getByRole('button', { name: 'Sign in with password' }).click()
  await says(page, /do not go together/)
  await form.getByLabel('Password').fill(theOwner.password)
  await form.getByRole('button', { name: 'Sign in with password' }).click()
  await page.waitForURL('**/admin/orders')
})
