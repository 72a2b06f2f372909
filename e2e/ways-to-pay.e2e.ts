import { cards, payByBankDebit, payOnSandbox } from './hosted-page.ts'
import { expect, test, type Shop } from './shop.ts'
import { isDelivered, pressBuy, says, signInByCode } from './visits.ts'

test('a declined card is told in words and another one pays; one order comes of it', async ({
  shop,
  stranger,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'declined@example.com', card: cards.isDeclined })
  await expect(buyer.getByTestId('error')).toHaveText('Your card was declined.')
  expect(await ordersOf(shop, 'declined@example.com')).toBe(0)
  await payOnSandbox(buyer, { email: 'declined@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  expect(await ordersOf(shop, 'declined@example.com')).toBe(1)
})

test('3-D Secure: the bank asks; a yes delivers, a no charges nothing and may be tried again [payments 55]', async ({
  shop,
  stranger,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'bank@example.com', card: cards.asksTheBank })
  await buyer.getByTestId('3ds-fail').click()
  await buyer.waitForURL('**/sandbox/c/pay/**')
  await expect(buyer.getByTestId('error')).toBeVisible()
  expect(await ordersOf(shop, 'bank@example.com')).toBe(0)
  await payOnSandbox(buyer, { email: 'bank@example.com', card: cards.asksTheBank })
  await buyer.getByTestId('3ds-complete').click()
  await isDelivered(buyer, 'Tidemarks')
  expect(await ordersOf(shop, 'bank@example.com')).toBe(1)
})

test('a bank debit waits in words, delivers when the money comes, and mails the receipt then [commerce 6][payments 57]', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payByBankDebit(buyer, { email: 'debit@example.com', account: /^\s*Pays/ })
  await buyer.waitForURL('**/checkout/*')
  await expect(buyer.getByRole('heading', { level: 1 })).toHaveText('We are waiting for your bank')
  await mailbox.mail('debit@example.com', /wait/i)
  expect(await ordersOf(shop, 'debit@example.com')).toBe(0)

  await shop.advance('10d')
  const receipt = await mailbox.mail('debit@example.com', /receipt/i)
  await buyer.goto(receipt.links[0] ?? '')
  await isDelivered(buyer, 'Tidemarks')
  expect(await ordersOf(shop, 'debit@example.com')).toBe(1)
})

test('a member sees on the dashboard what the bank has not sent yet', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const member = await stranger()
  await signInByCode(member, mailbox, 'waits@example.com')
  await pressBuy(member, 'tidemarks')
  await payByBankDebit(member, { account: /^\s*Pays/ })
  await member.waitForURL('**/checkout/*')
  await member.goto('/dashboard')
  await expect(member.getByText('Waiting for your bank: Tidemarks')).toBeVisible()
  // The bank sends it at once: days on the shop's clock would sign the owner out for the journeys that follow.
  const checkout = await shop.newestCheckout()
  await shop.control('POST', 'async', {
    session: checkout?.stripe_session_id,
    outcome: 'succeeded',
  })
  await mailbox.mail('waits@example.com', /receipt/i)
  await member.goto('/dashboard')
  await expect(member.getByRole('heading', { name: 'Tidemarks' })).toBeVisible()
  await expect(member.getByText('Waiting for your bank')).toHaveCount(0)
})

test('a bank debit that fails is told by mail and on the page, and nothing opens [commerce 6][payments 57]', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payByBankDebit(buyer, { email: 'no-funds@example.com', account: /insufficient funds/ })
  await buyer.waitForURL('**/checkout/*')
  const waiting = buyer.url()
  await shop.advance('10d')
  await mailbox.mail('no-funds@example.com', /not|fail/i)
  await buyer.goto(waiting)
  await expect(buyer.getByRole('heading', { level: 1 })).toHaveText(
    'The payment did not go through',
  )
  await expect(buyer.getByRole('link', { name: 'Back to Tidemarks' })).toBeVisible()
  expect(await ordersOf(shop, 'no-funds@example.com')).toBe(0)
})

test('who turns back at the payment page is told that nothing was charged, and can go on', async ({
  stranger,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await buyer.getByTestId('cancel-link').click()
  await buyer.waitForURL('**/p/tidemarks?notice=not-bought')
  await says(buyer, /nothing was charged/i)
  await buyer
    .getByRole('button', { name: /^Buy for/ })
    .first()
    .click()
  await payOnSandbox(buyer, { email: 'turned-back@example.com' })
  await isDelivered(buyer, 'Tidemarks')
})

test('a payment page that is left for too long has closed, in words, and nothing is open [commerce 7]', async ({
  shop,
  stranger,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  const checkout = await shop.newestCheckout()
  await shop.advance('2d')
  await buyer.reload()
  await says(buyer, /has expired/i)
  await buyer.getByTestId('cancel-link').click()
  await buyer.waitForURL('**/p/tidemarks**')
  const state = async () => (await shop.outcome(checkout?.id ?? ''))?.state
  await expect.poll(state).toBe('expired')
})

test('a payment that is disputed closes the download with words; won, it opens again', async ({
  shop,
  stranger,
  owner,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'dispute@example.com', card: cards.isDisputedLater })
  await buyer.waitForURL('**/checkout/*')
  const link = buyer.url()
  await expect(async () => {
    await buyer.goto(link)
    await expect(buyer.getByRole('heading', { level: 1 })).toHaveText(
      'This purchase is under review',
      { timeout: 1_000 },
    )
  }).toPass()
  await owner.goto('/admin/orders?q=dispute@example.com')
  await expect(owner.getByRole('row', { name: /Disputed/ })).toBeVisible()
  const [dispute] = await shop.query<{ id: string }>(
    `select d.stripe_dispute_id as id from dispute d join payment p on p.id = d.payment_id
     join shop_order o on o.checkout_id = p.checkout_id where o.email = 'dispute@example.com'`,
  )
  await shop.control('POST', 'trigger', {
    event: 'charge.dispute.closed',
    dispute: dispute?.id,
    outcome: 'won',
  })
  await expect(async () => {
    await buyer.goto(link)
    await expect(buyer.getByRole('heading', { level: 1 })).toHaveText('Thank you. It is yours.', {
      timeout: 1_000,
    })
  }).toPass()
})

async function ordersOf(shop: Shop, email: string): Promise<number | undefined> {
  const [row] = await shop.query<{ count: number }>(
    'select count(*)::int as count from shop_order where email = $1',
    [email],
  )
  return row?.count
}
