import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { payOnSandbox } from './hosted-page.ts'
import { expect, test } from './shop.ts'
import { fetchFile, isDelivered, pressBuy, says, signInByCode } from './visits.ts'

test('a stranger buys, leaves, comes back by code; the owner refunds, and the file says why it no longer opens [commerce 1, 22][payments 1, 59]', async ({
  shop,
  stranger,
  owner,
  mailbox,
}) => {
  const email = 'ada@example.com'

  // Buys, by what is seen on the pages.
  const buyer = await stranger()
  await buyer.goto('/')
  await buyer.getByRole('link', { name: 'Tidemarks' }).first().click()
  await buyer.getByRole('button', { name: 'Buy for €9' }).first().click()
  await payOnSandbox(buyer, { email, name: 'Ada Winter' })

  // The first page after paying shows the goods.
  await isDelivered(buyer, 'Tidemarks')
  const fetched = createHash('sha256')
    .update(readFileSync(await fetchFile(buyer)))
    .digest('hex')
  expect(await shop.query('select 1 from stored_file where sha256 = $1', [fetched])).toHaveLength(1)
  const order = await buyer.getByRole('heading', { name: /^Order \d+$/ }).textContent()
  const number = order?.replace('Order ', '') ?? ''
  await buyer.context().close()

  // The receipt brings another browser back to the same order, and its file still opens.
  const receipt = await mailbox.mail(email, /receipt for Tidemarks/)
  expect(receipt.text).toContain('€9.00')
  expect(receipt.text).toContain(`Order ${number}`)
  const later = await stranger()
  await later.goto(receipt.links[0] ?? '')
  await isDelivered(later, 'Tidemarks')
  await fetchFile(later)
  await later.context().close()

  // With a code, the purchase of the guest is on the dashboard of the member.
  const member = await stranger()
  await signInByCode(member, mailbox, email)
  await expect(member.getByRole('heading', { name: 'Tidemarks' })).toBeVisible()
  await member.getByRole('link', { name: 'Tidemarks', exact: true }).click()
  await member.waitForURL('**/dashboard/products/*')
  const href = (await member.locator('a[href^="/downloads/"]').first().getAttribute('href')) ?? ''
  await fetchFile(member)
  await member.goto('/dashboard/receipts')
  await expect(member.getByRole('cell', { name: 'Tidemarks' })).toBeVisible()
  await expect(member.getByRole('row', { name: /Tidemarks/ })).toHaveCount(1)

  // The owner sees the order and gives the money back.
  await owner.goto('/admin/orders')
  await owner.getByRole('link', { name: `#${number}` }).click()
  await says(owner, email)
  await says(owner, /fetched/i)
  await owner.getByRole('link', { name: 'Refund', exact: true }).click()
  // What will happen stands there before it does.
  const asked = owner.getByRole('form', { name: 'What happens' })
  await expect(asked).toContainText('€9.00')
  await expect(asked).toContainText(email)
  await expect(asked).toContainText('Tidemarks, €9.00: stops opening for them')
  await asked.getByLabel(/why|reason/i).fill('Bought by mistake')
  await asked.getByRole('button', { name: 'Refund €9.00' }).click()
  await owner.waitForURL('**/admin/orders/*?notice=refunded')
  await expect(owner.getByText('Refunded', { exact: true }).first()).toBeVisible()

  // The file is closed everywhere, and says why.
  await member.goto('/dashboard')
  await says(member, /returned|refunded/i)
  const refused = await member.goto(href)
  expect(refused?.status()).toBe(410)
  await says(member, /refunded|returned/i)
  await expect(member.getByRole('link', { name: 'To my products' })).toBeVisible()
  const guest = await stranger()
  await guest.goto(receipt.links[0] ?? '')
  await expect(guest.getByRole('heading', { level: 1 })).toHaveText('This purchase no longer opens')
  expect(await mailbox.subjectsTo(email)).toContainEqual(expect.stringMatching(/on its way back/))
  expect(await shop.brokenInvariants()).toEqual([])
})

test('the price was edited while the page was open: the buyer is shown the new one before anything is charged', async ({
  stranger,
  owner,
  shop,
}) => {
  const buyer = await stranger()
  await buyer.goto('/p/the-brief-sheet')
  await expect(buyer.getByRole('button', { name: 'Buy for €4' }).first()).toBeVisible()

  await owner.goto('/admin/products')
  await owner.getByRole('link', { name: /^The Brief Sheet/ }).click()
  await owner.getByRole('textbox', { name: 'Price' }).fill('5.5')
  await owner.getByRole('button', { name: 'Set the price' }).click()
  await owner.getByRole('button', { name: 'Change the price' }).click()
  await says(owner, 'The price is set')

  await buyer.getByRole('button', { name: 'Buy for €4' }).first().click()
  await buyer.waitForURL('**/p/the-brief-sheet?notice=price-changed')
  await says(buyer, 'The price has changed')
  await buyer.getByRole('button', { name: 'Buy for €5.50' }).first().click()
  await payOnSandbox(buyer, { email: 'new-price@example.com' })
  await isDelivered(buyer, 'The Brief Sheet')
  const [order] = await shop.query<{ total: number }>(
    `select total_minor::int as total from shop_order where email = 'new-price@example.com'`,
  )
  expect(order?.total).toBe(550)
})

test('price and title edited while somebody is paying: they pay what was shown, and the order keeps the old title [commerce 14]', async ({
  stranger,
  owner,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'the-wednesday-planner')
  await says(buyer, '€18.00')

  await owner.goto('/admin/products')
  await owner.getByRole('link', { name: /^The Wednesday Planner/ }).click()
  await owner.getByRole('textbox', { name: 'Price' }).fill('25.00')
  await owner.getByRole('button', { name: 'Set the price' }).click()
  await owner.getByRole('button', { name: 'Change the price' }).click()
  await says(owner, 'The price is set')
  await owner.getByRole('textbox', { name: 'Title' }).fill('The Thursday Planner')
  await owner.getByRole('button', { name: 'Save words' }).click()
  await expect(owner.getByRole('heading', { level: 1 })).toHaveText('The Thursday Planner')

  await payOnSandbox(buyer, { email: 'while-paying@example.com' })
  await isDelivered(buyer, /The (?:Wednesday|Thursday) Planner/)
  await says(buyer, '€18.00')
  await owner.goto('/admin/orders?q=while-paying@example.com')
  const row = owner.getByRole('row', { name: /Wednesday Planner/ })
  await expect(row).toContainText('€18.00')
  // The old address still leads to the product.
  await buyer.goto('/p/the-wednesday-planner')
  await expect(buyer.getByRole('heading', { level: 1 })).toHaveText('The Thursday Planner')

  await owner.goto('/admin/products')
  await owner.getByRole('link', { name: /^The Thursday Planner/ }).click()
  await owner.getByRole('textbox', { name: 'Title' }).fill('The Wednesday Planner')
  await owner.getByRole('button', { name: 'Save words' }).click()
  await expect(owner.getByRole('heading', { level: 1 })).toHaveText('The Wednesday Planner')
})

test('a member who owns it is told so before paying again [commerce 20]', async ({
  stranger,
  mailbox,
  shop,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'twice@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  await signInByCode(buyer, mailbox, 'twice@example.com')
  const before = await shop.newestCheckout()
  await buyer.goto('/p/tidemarks')
  await buyer
    .getByRole('button', { name: /^Buy for/ })
    .first()
    .click()
  await buyer.waitForURL('**/dashboard?notice=already-yours')
  await says(buyer, /already/i)
  expect(await shop.newestCheckout()).toEqual(before)
})

test('a guest who buys the same again is told kindly afterwards, and the owner sees it [commerce 20]', async ({
  stranger,
  owner,
}) => {
  const email = 'again@example.com'
  for (const isSecond of [false, true]) {
    const buyer = await stranger()
    await pressBuy(buyer, 'tidemarks')
    await payOnSandbox(buyer, { email })
    await isDelivered(buyer, 'Tidemarks')
    await expect(buyer.getByText('You had this already')).toHaveCount(isSecond ? 1 : 0)
  }
  await owner.goto(`/admin/orders?q=${email}`)
  await owner.getByRole('link', { name: /^#/ }).first().click()
  await says(owner, 'Perhaps bought twice')
})
