import { until } from '../test/until.ts'
import { makePlan } from './plans.ts'
import { expect, test } from './shop.ts'
import { makePlanAndSubscriber } from './subscribers.ts'
import { says, signInByCode } from './visits.ts'

// The clock moves here: a shop that nobody else looks at.
test.use({ ownShop: 'price-moves' })
test.describe.configure({ mode: 'serial' })

test('called off, whoever was told is told that it does not come, and keeps the price', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  const email = 'kept@example.com'
  const reader = await stranger()
  const held = await makePlanAndSubscriber({ owner, shop, mailbox, page: reader, email })
  await makePlan(owner, { title: 'Letters by the new post', price: '1200', count: '1', trial: '0' })
  const [plan] = await shop.query<{ id: string }>(
    'select plan_id as id from subscription where id = $1',
    [held.id],
  )
  const [target] = await shop.query<{ id: string }>(
    `select id from plan where title = 'Letters by the new post'`,
  )
  await owner.goto(`/admin/subscriptions/price?plan=${plan?.id}&to=${target?.id}&days=30`)
  await owner.getByRole('button', { name: 'Tell 1 subscriber and move them' }).click()
  await owner.waitForURL('**/admin/subscriptions/price/*-*')
  await until('they are told', async () => {
    const [one] = await shop.query<{ state: string }>(
      'select state from price_move_person where subscription_id = $1',
      [held.id],
    )
    return one?.state === 'told'
  })
  await owner.reload()
  await owner.waitForLoadState('networkidle')
  await owner.getByRole('button', { name: 'Call it off' }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Call it off' }).click()
  await says(owner, 'It is called off.')
  await until('the mail is there', async () => {
    const mails = await shop.query(
      `select id from email_message where template = 'membership_price_kept' and to_address = $1`,
      [email],
    )
    return mails.length === 1
  })
  await reader.goto('/dashboard/membership')
  await expect(reader.getByText('instead of')).toHaveCount(0)
})

test('the owner sees what another price does, tells the subscribers, and each pays it from the first renewal after the notice', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  test.setTimeout(120_000)
  const email = 'price@example.com'
  const reader = await stranger()
  const held = await makePlanAndSubscriber({ owner, shop, mailbox, page: reader, email })
  await owner.goto('/admin/subscriptions')
  await owner.getByRole('link', { name: 'Letters from the workshop' }).first().click()
  await owner.getByRole('link', { name: 'Move subscribers to another price' }).click()
  await owner
    .getByLabel('The price they are to pay')
    .selectOption({ label: 'Letters by the new post, €12.00 a month' })
  await owner.getByLabel('Days of notice').fill('5')
  await owner.getByRole('button', { name: 'See what it does' }).click()
  await says(owner, 'Between 14 and 90 days.')
  await owner.getByLabel('Days of notice').fill('14')
  await owner.getByRole('button', { name: 'See what it does' }).click()
  await expect(owner.getByRole('row', { name: new RegExp(email) })).toBeVisible()
  await owner.getByRole('button', { name: 'Tell 2 subscribers and move them' }).click()
  await owner.waitForURL('**/admin/subscriptions/price/*-*')
  const { subject } = await until('the mail is there', async () => {
    const [mail] = await shop.query<{ subject: string }>(
      `select subject from email_message where template = 'membership_price_to_come' and to_address = $1`,
      [email],
    )
    return mail
  })
  expect(subject).toContain('The price of Letters from the workshop changes on')
  await owner.reload()
  await says(owner, 'All are told')

  await reader.goto('/dashboard/membership')
  await says(reader, 'it is €12.00 a month instead of €9.00')
  await expect(reader.getByRole('button', { name: 'Cancel membership' }).first()).toBeVisible()

  const [ends] = await shop.query<{ hours: number }>(
    `select floor(extract(epoch from period_ends_at - clock_now()) / 3600)::int as hours from subscription where id = $1`,
    [held.id],
  )
  await shop.advance(`${(ends?.hours ?? 0) - 12}h`)
  const stands = () =>
    shop.query<{ state: string }>(
      'select state from price_move_person where subscription_id = $1',
      [held.id],
    )
  await until('Stripe has the price', async () => (await stands())[0]?.state === 'set')
  await reader.goto('/dashboard/membership')
  await says(reader, 'If you do not want that, cancel before.')
  await expect(reader.getByRole('button', { name: 'Keep' })).toHaveCount(0)
  await shop.advance('14h')
  await until('it was charged', async () => (await stands())[0]?.state === 'moved')
  // Weeks have passed: the owner signs in again.
  const moved = owner.url()
  const [{ email: address } = { email: '' }] = await shop.query<{ email: string }>(
    `select email from member where role = 'owner'`,
  )
  await signInByCode(owner, mailbox, address, /./)
  await owner.goto(moved)
  await says(owner, '2 subscribers moved')
  await reader.goto('/dashboard/membership')
  await says(reader, '€12.00')
  await owner.goto(`/admin/customers/${held.customerId}`)
  await owner.getByText('What happened').click()
  await says(owner, 'Told of another price from')
})
