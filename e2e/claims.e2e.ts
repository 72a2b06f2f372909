import { cards, payOnSandbox } from './hosted-page.ts'
import { expect, test } from './shop.ts'
import { isDelivered, pressBuy, says } from './visits.ts'

test('a dispute is answered with evidence that is put together already; won, everything opens again [commerce 42, 44][payments 63]', async ({
  shop,
  stranger,
  owner,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'claim@example.com', card: cards.isDisputedLater })
  await buyer.waitForURL('**/checkout/*')
  const link = buyer.url()
  await owner.goto('/admin/orders?q=claim@example.com')
  await expect(async () => {
    await owner.reload()
    await expect(owner.getByRole('row', { name: /Disputed/ })).toBeVisible({ timeout: 1_000 })
  }).toPass()
  await owner.getByRole('link', { name: /^#/ }).click()
  await owner.getByRole('link', { name: 'Answer the bank' }).click()
  await says(owner, /Digital goods sold by/)
  await owner.getByLabel('In your own words').fill('They wrote that they like it.')
  await owner.getByRole('button', { name: 'Send it to the bank' }).click()
  await owner.waitForURL('**?notice=dispute-sent')
  const [dispute] = await shop.query<{ id: string; evidence: { uncategorized_text: string } }>(
    `select d.stripe_dispute_id as id, a.evidence from dispute d join dispute_answer a on a.dispute_id = d.id
     join payment p on p.id = d.payment_id join shop_order o on o.checkout_id = p.checkout_id
     where o.email = 'claim@example.com'`,
  )
  expect(dispute?.evidence.uncategorized_text).toMatch(/^They wrote that they like it\./)
  await shop.control('POST', 'trigger', { event: 'dispute.win', dispute: dispute?.id })
  await expect(async () => {
    await buyer.goto(link)
    await isDelivered(buyer, 'Tidemarks')
  }).toPass()
  expect(await shop.brokenInvariants()).toEqual([])
})

test('a consumer withdraws without an account and without script; the owner sees what counts and refunds [commerce 45]', async ({
  shop,
  stranger,
  owner,
  mailbox,
}) => {
  const buyer = await stranger({ javaScriptEnabled: false })
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'withdraws@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  const heading = await buyer.getByRole('heading', { name: /^Order \d+$/ }).textContent()
  const number = heading?.replace('Order ', '') ?? ''

  await buyer.getByRole('link', { name: 'Withdraw from a purchase' }).click()
  await buyer.getByRole('button', { name: 'Go on' }).click()
  await says(buyer, 'Type your name.')
  await buyer.getByLabel('Your name').fill('Ada Winter')
  await buyer.getByLabel('The e-mail you bought with').fill('withdraws@example.com')
  await buyer.getByLabel('Order number').fill(number)
  await buyer.getByRole('button', { name: 'Go on' }).click()
  expect(await shop.query('select 1 from withdrawal')).toHaveLength(0)
  await buyer.getByRole('button', { name: 'Confirm withdrawal' }).click()
  await says(buyer, /It reached us on/)
  const mail = await mailbox.mail('withdraws@example.com', /received your withdrawal/)
  expect(mail.text).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/)

  await owner.goto('/admin/orders?q=withdraws@example.com')
  await owner.getByRole('link', { name: /^#/ }).click()
  await owner.getByRole('link', { name: 'Decide' }).click()
  await says(owner, /nothing shows that they gave up the right/)
  await owner.getByRole('button', { name: 'Accept, then refund' }).click()
  await owner.waitForURL('**/refund')
  await owner.getByLabel('Reason').fill('Withdrawn')
  await owner.getByRole('button', { name: 'Refund €9.00' }).click()
  await owner.waitForURL('**?notice=refunded')
  await mailbox.mail('withdraws@example.com', /withdrawal is accepted/)
  expect(await shop.brokenInvariants()).toEqual([])
})
