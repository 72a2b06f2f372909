import { driftAway, makePlanAndSubscriber } from './subscribers.ts'
import { expect, test } from './shop.ts'
import { says } from './visits.ts'

// Its subscriptions are counted: a shop that nobody else looks at.
test.use({ ownShop: 'beside-stripe' })
test.describe.configure({ mode: 'serial' })

const email = 'drifted@example.com'

test('the owner sees what differs from Stripe beside what stands here, heals it, and is told that both say the same [payments 73]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  const held = await makePlanAndSubscriber({ owner, shop, mailbox, page: await stranger(), email })
  await driftAway(shop, held.stripeId, {
    status: 'canceled',
    ended_at: Math.floor(Date.parse('2026-01-05T10:00:00Z') / 1_000),
  })
  await owner.goto('/admin/subscriptions')
  await owner.getByRole('link', { name: 'Beside Stripe' }).click()
  await owner.waitForURL('**/admin/subscriptions/mirror')
  await owner.getByRole('button', { name: 'Compare now' }).click()
  await says(owner, 'The comparison begins within seconds.')
  const row = owner.getByRole('row', { name: new RegExp(email) })
  // The page follows by itself.
  await expect(row).toContainText('Paid and open', { timeout: 30_000 })
  await expect(row).toContainText('Ended')
  await says(owner, '1 differs from Stripe')
  await row.getByRole('button', { name: `Heal ${email}` }).click()
  await expect(
    owner.getByRole('heading', { name: 'The shop and Stripe say the same' }),
  ).toBeVisible({
    timeout: 30_000,
  })
  await expect(owner.getByRole('heading', { name: 'Nothing differs' })).toBeVisible()
  await owner.goto(`/admin/customers/${held.customerId}`)
  await owner.getByText('What happened').click()
  await says(owner, 'comparison with Stripe')
})

test('what nobody here holds is told on the plans’ page, and is a member’s once the owner says so [payments 69]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  const other = 'unheld@example.com'
  const held = await makePlanAndSubscriber({
    owner,
    shop,
    mailbox,
    page: await stranger(),
    email: other,
  })
  await shop.query('update subscription set member_id = null, customer_id = null where id = $1', [
    held.id,
  ])
  await owner.goto('/admin/subscriptions')
  await says(owner, 'Made at Stripe, for somebody this shop does not know')
  await owner.getByRole('link', { name: 'Say whose it is' }).click()
  // The link leads to a fold that is named as the link is: it is pressed where it stands, not on the page that is left.
  await owner.locator('summary', { hasText: 'Say whose it is' }).click()
  await owner.getByLabel('Whose is it?').fill('nobody-here@example.com')
  await owner.getByRole('button', { name: 'It is theirs' }).click()
  await says(owner, 'Nobody has an account with this address.')
  await expect(owner.getByLabel('Whose is it?')).toHaveValue('nobody-here@example.com')
  await owner.getByLabel('Whose is it?').fill(other)
  await owner.getByRole('button', { name: 'It is theirs' }).click()
  await owner.waitForURL('**/admin/customers/*?notice=assigned')
  await says(owner, 'The subscription is theirs')
  await owner.getByText('What happened').click()
  await says(owner, 'Its holder was named')
  // Why they can open it is told of plans as of products.
  await owner.getByRole('link', { name: 'What can they open?' }).click()
  await owner.getByLabel('What', { exact: true }).selectOption('Plan: Letters from the workshop')
  await owner.getByRole('button', { name: 'Look it up' }).click()
  await says(owner, 'They can open it, from one source.')
  await says(owner, 'Their subscription')
})
