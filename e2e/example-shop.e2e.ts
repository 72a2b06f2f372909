import { until } from '../test/until.ts'
import { payOnSandbox } from './hosted-page.ts'
import { expect, test } from './shop.ts'
import { says, signInByCode } from './visits.ts'

test.use({ ownShop: 'the example shop', keepsExamplePlans: true })
test.describe.configure({ mode: 'serial' })

const premium = '/posts/seven-questions-before-the-first-sketch'

test('a shop that was just begun shows memberships: two plans with a trial, a premium post they open, and Stripe knows them by itself', async ({
  stranger,
  mailbox,
  shop,
}) => {
  await until('Stripe knows the example plans', async () => {
    const known = await shop.query('select from plan_price where stripe_price_id is not null')
    return known.length === 2
  })
  const reader = await stranger()
  await reader.goto('/plans')
  await says(reader, '€5.00 a month')
  await says(reader, '€13.00 every 3 months')
  await reader.goto(premium)
  const wayIn = reader.getByRole('region', { name: /^The rest is for/ })
  await expect(reader.getByText('The answer to the fourth goes to the top')).toHaveCount(0)
  await wayIn.getByRole('link', { name: 'Subscribe to Monthly reader' }).click()
  await reader.getByRole('button', { name: /Monthly reader$/ }).click()
  await reader.waitForURL('**/sign-in?next=**')
  await signInByCode(reader, mailbox, 'monthly@example.com', /\/plans\?plan=/)
  await reader.getByRole('button', { name: /^Go on to payment/ }).click()
  await payOnSandbox(reader, {})
  await reader.waitForURL(`**${premium}?said=begun`, { timeout: 30_000 })
  await expect(reader.getByText('The answer to the fourth goes to the top')).toBeVisible()
})

test('the example plans go with the other examples, and with who subscribed to them in the rehearsal', async ({
  owner,
  shop,
}) => {
  await owner.goto('/admin/subscriptions')
  await expect(owner.getByRole('row', { name: /Monthly reader/ })).toContainText('Example')
  await owner.goto('/admin/products')
  await owner.waitForLoadState('networkidle')
  await owner.getByRole('button', { name: 'Remove the examples' }).click()
  const dialog = owner.getByRole('dialog')
  await expect(dialog).toContainText('the plans Monthly reader, Quarterly reader')
  await expect(dialog).toContainText('1 account')
  await dialog.getByRole('button', { name: /^Remove/ }).click()
  await until('they are gone', async () => (await shop.query('select from plan')).length === 0)
  await owner.goto('/plans')
  await says(owner, 'No plans right now')
})
