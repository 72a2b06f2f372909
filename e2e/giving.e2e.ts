import { payOnSandbox } from './hosted-page.ts'
import { expect, test } from './shop.ts'
import { isDelivered, pressBuy, says, signInByCode } from './visits.ts'

test('a gift is bought, handed over by its link, and taken once; refunded, it closes for who has it [commerce 32]', async ({
  shop,
  stranger,
  owner,
  mailbox,
}) => {
  const buyer = await stranger()
  await buyer.goto('/p/tidemarks')
  await buyer.getByRole('button', { name: 'Add to cart' }).click()
  await buyer.waitForURL('**/cart')
  await buyer.getByLabel('It is a gift').check()
  await buyer.getByLabel('From').fill('Ada')
  await buyer.getByLabel('For', { exact: false }).first().fill('Tina')
  await buyer.getByLabel('A word with it').fill('For your new desk.')
  await buyer.getByRole('button', { name: 'Pay €9.00', exact: true }).click()
  await payOnSandbox(buyer, { email: 'gift-buyer@example.com' })
  await buyer.waitForURL('**/checkout/*')
  await expect(buyer.getByRole('heading', { level: 1 })).toHaveText('Thank you. The gift is ready.')
  await expect(buyer.locator('a[href^="/downloads/"]')).toHaveCount(0)
  const link = (await buyer.locator('a[href^="/gift/"]').first().getAttribute('href')) ?? ''

  // Opening it, as a mail scanner would, takes nothing.
  const taker = await stranger()
  await taker.goto(link)
  await expect(taker.getByRole('heading', { level: 1 })).toHaveText('Tina, this is for you')
  await says(taker, 'For your new desk.')
  await taker.goto(link)
  await taker.getByLabel('Your e-mail').fill('tina@example.com')
  await taker.getByRole('button', { name: 'Take the gift' }).click()
  await expect(taker.getByRole('heading', { level: 1 })).toHaveText('It is yours')
  const other = await stranger()
  await other.goto(link)
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('This gift was taken')

  await taker.goto('/sign-in')
  await signInByCode(taker, mailbox, 'tina@example.com')
  await expect(taker.getByRole('heading', { name: 'Tidemarks' })).toBeVisible()

  await owner.goto('/admin/orders?q=gift-buyer@example.com')
  await owner.getByRole('link', { name: /^#/ }).click()
  await says(owner, 'It was taken.')
  await owner.getByRole('link', { name: 'Refund', exact: true }).click()
  await owner.getByLabel('Reason').fill('Asked for')
  await owner.getByRole('button', { name: 'Refund €9.00' }).click()
  await owner.waitForURL('**?notice=refunded')
  await mailbox.mail('tina@example.com', /gift you were given has changed/)
  await taker.goto('/dashboard')
  await says(taker, /refunded/i)
  expect(await shop.brokenInvariants()).toEqual([])
})

test('an order at a wrong address is moved; the owner gives something away, and looks up why somebody can open it [commerce 19]', async ({
  shop,
  stranger,
  owner,
  mailbox,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'wrong@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  const old = buyer.url()

  await owner.goto('/admin/orders?q=wrong@example.com')
  await owner.getByRole('link', { name: /^#/ }).click()
  await owner.getByRole('link', { name: 'Move it to another address' }).click()
  await owner.getByLabel('The right address').fill('right@example.com')
  await owner.getByLabel('Reason').fill('Mistyped at checkout')
  await owner.getByRole('button', { name: 'See what happens' }).click()
  await says(owner, /no longer opens for wrong@example.com/)
  await owner.getByRole('button', { name: 'Move the order' }).click()
  await owner.waitForURL('**?notice=moved')
  const refused = await buyer.goto(old)
  expect(refused?.status()).toBe(404)
  const gained = await mailbox.mail('right@example.com', /is yours now/)
  const right = await stranger()
  await right.goto(gained.links[0] ?? '')
  await isDelivered(right, 'Tidemarks')

  await owner.goto('/admin/customers?q=right@example.com')
  await owner.getByRole('link', { name: 'right@example.com' }).first().click()
  await owner.getByRole('link', { name: 'Give something' }).click()
  await owner.getByLabel('What').selectOption({ label: 'The Wednesday Planner' })
  await owner.getByLabel('Why').fill('For the trouble')
  await owner.getByRole('button', { name: 'Give it' }).click()
  await owner.waitForURL('**?notice=given')
  await owner.getByRole('link', { name: 'What can they open?' }).click()
  await owner.getByLabel('What').selectOption({ label: 'Tidemarks' })
  await owner.getByRole('button', { name: 'Look it up' }).click()
  await says(owner, 'They can open it, from one source.')
  await owner.getByLabel('Their e-mail').fill('wrong@example.com')
  await owner.getByRole('button', { name: 'Look it up' }).click()
  await says(owner, 'They cannot open it: moved.')
  expect(await shop.brokenInvariants()).toEqual([])
})
