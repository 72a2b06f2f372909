import type { Page } from '@playwright/test'
import { until } from '../test/until.ts'
import { cards, changeCardOnSandbox, payOnSandbox, saveCardOnSandbox } from './hosted-page.ts'
import type { Mailbox } from './mailbox.ts'
import { makePlan } from './plans.ts'
import { expect, test, type Shop } from './shop.ts'
import { askForCode, says, signInByCode } from './visits.ts'

// The clock moves by months here: a shop that nobody else looks at.
test.use({ ownShop: 'membership' })
test.describe.configure({ mode: 'serial' })

const membership = (page: Page) => page.getByRole('article')

const email = 'reader@example.com'

/** Opens the reader's membership; months later one has to sign in again. */
async function openMembership(page: Page, mailbox: Mailbox): Promise<void> {
  await page.goto('/dashboard/membership')
  if (new URL(page.url()).pathname.startsWith('/sign-in'))
    await signInByCode(page, mailbox, email, '**/dashboard/membership')
}

/** The page says it as soon as the shop has heard of it. */
async function tells(page: Page, words: RegExp): Promise<void> {
  await until(`the page tells ${String(words)}`, async () => {
    await page.goto('/dashboard/membership')
    return words.test(await page.locator('main').innerText())
  })
}

const standing = async (shop: Shop, email: string) =>
  (
    await shop.query<{ status: string; ends: string }>(
      `select s.status, to_char(s.period_ends_at at time zone site.time_zone, 'FMDD FMMonth YYYY') as ends
       from subscription s join member m on m.id = s.member_id, site where m.email = $1
       order by s.started_at desc limit 1`,
      [email],
    )
  )[0]

test('the owner offers a quarterly plan with a trial; a reader finds it, proves the mailbox, subscribes on the hosted page and has it [commerce 46, 50]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  await makePlan(owner, { title: 'Quarterly supporter', price: '2400', count: '3', trial: '7' })
  const reader = await stranger()
  await reader.goto('/')
  await says(reader, '€24.00 every 3 months')
  await reader.getByRole('link', { name: 'Membership' }).first().click()
  await reader.waitForURL('**/plans')
  await says(reader, '7 days free at first')
  await reader.getByRole('button', { name: 'Subscribe to Quarterly supporter' }).click()
  await reader.waitForURL('**/sign-in?next=**')
  await signInByCode(reader, mailbox, email, /\/plans\?plan=/)
  await reader.getByRole('button', { name: /^Go on to payment/ }).click()
  await payOnSandbox(reader, {})
  await reader.waitForURL('**/dashboard/membership?notice=begun')
  await says(reader, 'Welcome. Everything of your plan is open from now on.')
  await expect(membership(reader)).toContainText('Quarterly supporter')
  await expect(membership(reader)).toContainText(/Free until .* Then €24\.00 every 3 months/)
  await expect(membership(reader)).toContainText('Visa ending in 4242')
  expect(await standing(shop, email)).toMatchObject({ status: 'trialing' })
  // Pressed once more, from an old page: nothing begins twice.
  await reader.goto('/plans')
  await expect(reader.getByRole('link', { name: 'Your plan' })).toBeVisible()
  await expect(reader.getByRole('button', { name: /^Subscribe/ })).toHaveCount(0)
  await owner.goto('/admin/subscriptions')
  await expect(owner.getByRole('row', { name: /Quarterly supporter/ })).toContainText(
    '1, 1 in trial',
  )
})

test('the owner pauses a subscription, lets it go on and ends it, each said before it is done; what happened stands beside it [commerce 61] [payments 44]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  const idle = 'idle@example.com'
  const member = await stranger()
  await signInByCode(member, mailbox, idle)
  await member.goto('/plans')
  await member.getByRole('button', { name: 'Subscribe to Quarterly supporter' }).click()
  await payOnSandbox(member, {})
  await member.waitForURL('**/dashboard/membership?notice=begun')
  const [held] = await shop.query<{ id: string }>(
    `select s.customer_id as id from subscription s join member m on m.id = s.member_id where m.email = $1`,
    [idle],
  )
  await owner.goto(`/admin/customers/${held?.id}`)
  await owner.waitForLoadState('networkidle')
  const dialog = owner.getByRole('dialog')
  const press = async (label: string, effect: string) => {
    await owner.getByRole('button', { name: label }).click()
    await expect(dialog).toContainText(effect)
    await dialog.getByRole('button', { name: label }).click()
  }
  await press('Pause it', 'Nothing is charged until you let it go on')
  await says(owner, 'It is paused.')
  await mailbox.mail(idle, /Quarterly supporter is paused/)
  await member.goto('/dashboard/membership')
  await expect(membership(member)).toContainText('Paused')
  await owner.waitForLoadState('networkidle')
  await press('Let it go on', 'Nothing is charged today')
  await says(owner, 'It goes on.')
  await mailbox.mail(idle, /Quarterly supporter goes on/)
  await owner.waitForLoadState('networkidle')
  await press('End it now', 'closes at once')
  await says(owner, 'The subscription has ended.')
  await mailbox.mail(idle, /Quarterly supporter has ended/)
  await owner.getByText('What happened').click()
  await expect(owner.getByRole('listitem').filter({ hasText: 'Ended' }).last()).toContainText(
    'ended by the owner',
  )
  await member.goto('/dashboard/membership')
  await says(member, 'Your membership has ended')
})

test('the owner refunds a payment and ends the subscription, told before what happens; the member sees it in the account and by mail [payments 44]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  await shop.query(
    `insert into plan (title, plan_group, amount_minor, currency, interval_unit, interval_count)
     values ('Paper letters', 'Returned', 1200, 'EUR', 'month', 1)`,
  )
  await isKnownAtStripe(shop, 'Paper letters')
  const sorry = 'sorry@example.com'
  const member = await stranger({ javaScriptEnabled: false })
  await signInByCode(member, mailbox, sorry)
  await member.goto('/plans')
  await member.getByRole('button', { name: 'Subscribe to Paper letters' }).click()
  await payOnSandbox(member, {})
  await member.waitForURL('**/dashboard/membership?notice=begun', { timeout: 60_000 })
  const [held] = await shop.query<{ id: string }>(
    `select s.customer_id as id from subscription s join member m on m.id = s.member_id where m.email = $1`,
    [sorry],
  )
  const refund = async (amount: string, then: string, effects: readonly string[]) => {
    await owner.goto(`/admin/customers/${held?.id}`)
    await owner.waitForLoadState('networkidle')
    await owner.locator('summary', { hasText: 'Payments' }).click()
    await owner.getByRole('link', { name: /^Refund / }).click()
    await owner.waitForURL('**/refund/*')
    await owner.waitForLoadState('networkidle')
    await owner.getByLabel('Goes back').fill(amount)
    await owner.getByLabel(then).check()
    await owner.getByRole('button', { name: 'See what happens' }).click()
    const effect = owner.getByRole('form', { name: 'What happens' })
    for (const words of effects) await expect(effect).toContainText(words)
    await effect.getByLabel('Reason').fill('It came late')
    await effect.getByRole('button', { name: /^Refund €/ }).click()
  }
  // More than was paid is refused in words, with what was typed.
  await owner.goto(`/admin/customers/${held?.id}`)
  await owner.waitForLoadState('networkidle')
  await owner.locator('summary', { hasText: 'Payments' }).click()
  await owner.getByRole('link', { name: /^Refund / }).click()
  await owner.waitForURL('**/refund/*')
  await owner.waitForLoadState('networkidle')
  await owner.getByLabel('Goes back').fill('12.01')
  await owner.getByRole('button', { name: 'See what happens' }).click()
  await says(owner, 'Between nothing and €12.00 of it can go back.')
  await expect(owner.getByLabel('Goes back')).toHaveValue('12.01')

  await refund('2.00', 'They keep access', [
    `€2.00 goes back to ${sorry} (Visa ending in 4242)`,
    'Paper letters stays open for them. It renews as before',
  ])
  await says(owner, 'The money is on its way back, and they were told.')
  await mailbox.mail(sorry, /€2\.00 is on its way back to you/)
  await member.goto('/dashboard/membership')
  await expect(member.getByRole('table')).toContainText(/Partly refunded\s*€2\.00/)
  await expect(membership(member)).toContainText('Active')

  await refund('10.00', 'End the subscription now', ['€10.00 goes back', 'ends at once'])
  await says(owner, 'The money is on its way back and the subscription has ended.')
  await mailbox.mail(sorry, /€10\.00 is on its way back to you/)
  await member.goto('/dashboard/membership')
  await expect(member.getByRole('table')).toContainText('Refunded')
  await says(member, 'The payment went back to you, and it has ended. Nothing more is charged.')
  // Nothing is left: the door to the form is gone, and an old one leads back.
  await owner.locator('summary', { hasText: 'Payments' }).click()
  await expect(owner.getByRole('link', { name: /^Refund / })).toHaveCount(0)
  await owner.locator('summary', { hasText: 'What happened' }).click()
  await expect(
    owner.getByRole('listitem').filter({ hasText: '€10.00 went back' }).last(),
  ).toBeVisible()
  // Nobody subscribes to it in what follows.
  await shop.query(`update plan set is_enabled = false where title = 'Paper letters'`)
})

test('a code of the owner comes off a plan: shown with what it costs afterwards, asked for by the hosted page, told in the account [commerce 27, 30]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  await owner.goto('/admin/coupons/new')
  await owner.waitForLoadState('networkidle')
  await owner.getByLabel('Code').fill('first-half')
  await owner.getByLabel('Percent').fill('50')
  await owner.getByLabel('All plans').check()
  await owner.getByLabel('Payments of the first months').check()
  await owner.getByLabel('Months', { exact: true }).fill('3')
  await owner.getByRole('button', { name: 'Make the coupon' }).click()
  await says(owner, 'The coupon is made.')
  await says(owner, 'Payments of the first 3 months')

  const saver = 'saver@example.com'
  const member = await stranger()
  await member.goto('/plans?code=NO-SUCH-CODE')
  await says(member, 'There is no such code. Check how it is spelled.')
  await member.goto('/code/FIRST-HALF')
  await member.getByRole('button', { name: 'Use this code' }).click()
  await member.waitForURL('**/plans?code=FIRST-HALF')
  const plan = member.getByRole('listitem').filter({ hasText: 'Quarterly supporter' })
  await expect(plan).toContainText('Instead of €24.00 every 3 months')
  await expect(plan).toContainText(/€12\.00 with FIRST-HALF/)
  await expect(plan).toContainText(/Then €24\.00 every 3 months from .* on\./)
  await plan.getByRole('button', { name: 'Subscribe to Quarterly supporter' }).click()
  await member.waitForURL('**/sign-in?next=**')
  await signInByCode(member, mailbox, saver, /\/plans\?plan=.*code=FIRST-HALF/)
  await member.getByRole('button', { name: /^Go on to payment/ }).click()
  await payOnSandbox(member, {})
  await member.waitForURL('**/dashboard/membership?notice=begun')
  await expect(membership(member)).toContainText(
    /Then €12\.00 every 3 months with FIRST-HALF until/,
  )
  await expect(membership(member)).toContainText('50 % with FIRST-HALF')
  expect(
    await shop.query(
      `select u.state from plan_coupon_use u join coupon c on c.id = u.coupon_id where c.code = 'FIRST-HALF'`,
    ),
  ).toEqual([{ state: 'used' }])
  await owner.goto('/admin/coupons')
  await expect(owner.getByRole('row', { name: /FIRST-HALF/ })).toContainText('off plans')
})

test('the owner gives a plan to somebody who never bought, and a gift to who pays for it; both are told, seen and taken back [commerce 33, 60]', async ({
  owner,
  stranger,
  mailbox,
}) => {
  const friend = 'friend@example.com'
  await owner.goto('/admin/subscriptions')
  await owner.getByRole('link', { name: 'Give a plan' }).click()
  await owner.waitForURL('**/admin/subscriptions/give')
  await owner.waitForLoadState('networkidle')
  await owner.getByLabel('To').fill(friend)
  await owner.getByLabel('Plan').selectOption({ index: 1 })
  await owner.getByLabel('Without an end').check()
  await owner.getByRole('button', { name: 'Give it' }).click()
  await says(owner, 'Say in a few words why.')
  await owner.getByLabel('Why').fill('Helped with the first issue')
  await owner.getByRole('button', { name: 'Give it' }).click()
  await owner.waitForURL('**/admin/customers/*')
  await says(owner, 'It is given, and they were told.')
  await mailbox.mail(friend, /Quarterly supporter is yours/)
  const member = await stranger()
  await signInByCode(member, mailbox, friend)
  await member.goto('/dashboard/membership')
  await says(member, 'Open for you without an end.')
  await says(member, 'Nothing is charged for it')

  // They subscribe all the same; what is given on top waits until that ends.
  await member.goto('/plans')
  await member.getByRole('button', { name: 'Subscribe to Quarterly supporter' }).click()
  await payOnSandbox(member, {})
  await member.waitForURL('**/dashboard/membership?notice=begun')
  await owner.getByRole('link', { name: 'Give a plan' }).click()
  await owner.waitForURL('**/give?customer=*')
  await owner.waitForLoadState('networkidle')
  await says(owner, 'They subscribe to Quarterly supporter.')
  await owner.getByLabel('Plan').selectOption({ index: 1 })
  await owner.getByRole('textbox', { name: 'Months' }).fill('3')
  await owner.getByLabel('Why').fill('For the birthday')
  await owner.getByRole('button', { name: 'Give it' }).click()
  await owner.waitForURL('**/admin/customers/*')
  await says(owner, '3 months wait until what they have of it already ends.')
  await mailbox.mail(friend, /A gift for you: 3 months of Quarterly supporter/)
  await member.reload()
  await says(member, '3 months wait until what you have of it already ends. Nothing of it is lost.')

  await owner.waitForLoadState('networkidle')
  const comp = owner.getByRole('listitem').filter({ hasText: 'given by you' })
  await comp.getByRole('button', { name: 'Take it back' }).click()
  const dialog = owner.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('Only until they subscribe')
  await dialog.getByRole('button', { name: 'Take it back' }).click()
  await says(owner, 'It is taken back.')
  await member.reload()
  await expect(member.getByText('Open for you without an end.')).toHaveCount(0)
})

test('who comes back without paying is told that nothing was charged; a closed plan and another’s page are refused in words', async ({
  owner,
  stranger,
  mailbox,
}) => {
  const visitor = await stranger()
  await visitor.goto('/plans?notice=not-subscribed')
  await says(visitor, 'Nothing was charged. The plans are here whenever you like.')
  await visitor.goto('/dashboard/membership')
  expect(new URL(visitor.url()).pathname).toBe('/sign-in')
  await askForCode(visitor, 'late@example.com')
  await visitor.goto('/sign-in')
  await signInByCode(visitor, mailbox, 'late@example.com')
  await visitor.goto('/dashboard/membership')
  await says(visitor, 'You have no membership')
  await visitor.goto('/plans')
  await owner.goto('/admin/subscriptions')
  await owner.getByRole('link', { name: 'Quarterly supporter' }).click()
  await owner.waitForURL(/plan=[0-9a-f-]{36}/)
  await owner.getByLabel('Enabled').uncheck()
  await owner.getByRole('button', { name: 'Apply' }).click()
  await says(owner, /It is disabled/)
  await visitor.getByRole('button', { name: 'Subscribe to Quarterly supporter' }).click()
  await says(visitor, 'That plan is closed')
  await says(visitor, 'No plans right now')
  await owner.getByLabel('Enabled').check()
  await owner.getByRole('button', { name: 'Apply' }).click()
  await says(owner, 'It is enabled: people can subscribe to it.')
})

test('the clock moves: the trial’s end is told, the card is charged, periods renew, each with its receipt [commerce 50] [payments 36, 52]', async ({
  stranger,
  mailbox,
  shop,
}) => {
  const reader = await stranger()
  await signInByCode(reader, mailbox, email)
  await shop.advance('97h')
  const ending = await mailbox.mail(email, /Your trial ends on/)
  expect(ending.text).toContain('€24.00 every 3 months')
  await shop.advance('74h')
  await mailbox.mail(email, /Your receipt for Quarterly supporter/)
  await tells(reader, /Active[\s\S]*Renews on/)
  await expect(reader.getByRole('row', { name: /Paid/ })).toHaveCount(1)
  await shop.advance('93d')
  await openMembership(reader, mailbox)
  await until('the second period is paid', async () => {
    await reader.goto('/dashboard/membership')
    return (await reader.getByRole('row', { name: /Paid/ }).count()) === 2
  })
  const pdf = await reader
    .getByRole('link', { name: /^PDF of/ })
    .first()
    .getAttribute('href')
  const paper = await reader.request.get(pdf ?? '')
  expect(paper.headers()['content-type']).toContain('pdf')
})

test('cancelled it says until when, is resumed, cancelled again, and ends with the period, not before [commerce 51, 53] [payments 41, 43]', async ({
  stranger,
  mailbox,
  shop,
}) => {
  const reader = await stranger()
  await signInByCode(reader, mailbox, email)
  await reader.goto('/dashboard/membership')
  await reader.waitForLoadState('networkidle')
  await reader.getByRole('button', { name: 'Cancel membership' }).click()
  const dialog = reader.getByRole('dialog')
  await expect(dialog).toContainText('Everything stays open until')
  await dialog.getByLabel('What made you decide?').fill('Too many letters')
  await dialog.getByRole('button', { name: 'Cancel membership' }).click()
  await says(reader, 'It is cancelled. Nothing more is charged.')
  await expect(membership(reader)).toContainText('Everything stays open until')
  await mailbox.mail(email, /Quarterly supporter is cancelled/)
  await reader.getByRole('button', { name: 'Resume' }).click()
  await says(reader, 'It goes on as if nothing had been.')
  await expect(membership(reader)).toContainText('Renews on')
  await mailbox.mail(email, /Quarterly supporter goes on/)
  await reader.waitForLoadState('networkidle')
  await reader.getByRole('button', { name: 'Cancel membership' }).click()
  await dialog.getByRole('button', { name: 'Cancel membership' }).click()
  await says(reader, 'It is cancelled. Nothing more is charged.')
  await shop.advance('80d')
  await openMembership(reader, mailbox)
  await tells(reader, /Everything stays open until/)
  await shop.advance('14d')
  await tells(reader, /Your membership has ended/)
  await mailbox.mail(email, /Quarterly supporter has ended/)
  expect(await standing(shop, email)).toMatchObject({ status: 'canceled' })
})

test('without script: subscribed, the card changed, cancelled within the trial [commerce 52]', async ({
  stranger,
  mailbox,
}) => {
  const reader = await stranger({ javaScriptEnabled: false })
  await signInByCode(reader, mailbox, 'quiet@example.com')
  await reader.getByRole('link', { name: 'Membership' }).click()
  await reader.getByRole('link', { name: 'See the plans' }).click()
  await reader.getByRole('button', { name: 'Subscribe to Quarterly supporter' }).click()
  await payOnSandbox(reader, {})
  await reader.waitForURL('**/dashboard/membership?notice=begun', { timeout: 60_000 })
  await expect(membership(reader)).toContainText('Free until')
  await reader.getByRole('button', { name: 'Change the card' }).click()
  await reader.waitForURL('**/sandbox/p/session/**')
  await reader.goto('/dashboard/membership/card')
  await says(reader, 'Your card stands below')
  await reader.getByRole('button', { name: 'Cancel membership' }).first().click()
  await reader.getByRole('button', { name: 'Cancel membership' }).last().click()
  await says(reader, 'It is cancelled. Nothing more is charged.')
})

/** A plan that the owner's page did not make is brought to Stripe by the next round. */
async function isKnownAtStripe(shop: Shop, title: string): Promise<void> {
  await until(
    `Stripe knows ${title}`,
    async () => {
      const known = await shop.query(
        `select from plan_price k join plan p on p.id = k.plan_id where p.title = $1 and k.stripe_price_id is not null`,
        [title],
      )
      return known.length > 0
    },
    60_000,
  )
}

test('the plan is changed: up at once for what is shown, down when the period ends, taken back and planned again [commerce 56, 57] [payments 45]', async ({
  stranger,
  mailbox,
  shop,
}) => {
  test.setTimeout(300_000)
  await shop.query(
    `insert into plan (title, plan_group, tier, amount_minor, currency, interval_unit, interval_count)
     values ('Silver', 'Studio', 1, 1000, 'EUR', 'month', 1), ('Gold', 'Studio', 2, 3000, 'EUR', 'month', 1)`,
  )
  await isKnownAtStripe(shop, 'Silver')
  await isKnownAtStripe(shop, 'Gold')
  const climber = 'climber@example.com'
  const quiet = await stranger({ javaScriptEnabled: false })
  await signInByCode(quiet, mailbox, climber)
  await quiet.goto('/plans')
  await quiet.getByRole('button', { name: 'Subscribe to Silver' }).click()
  await payOnSandbox(quiet, {})
  await quiet.waitForURL('**/dashboard/membership?notice=begun', { timeout: 60_000 })
  await quiet.goto('/plans')
  await quiet.getByRole('link', { name: 'Change to this: Gold' }).click()
  await quiet.waitForURL('**/membership/change/*')
  await quiet.getByRole('button', { name: 'See what it costs: Gold' }).click()
  const pay = quiet.getByRole('button', { name: /^Pay €.* and change to Gold$/ })
  const asked = /€([\d.]+)/.exec(await pay.innerText())?.[1] ?? ''
  await pay.click()
  await says(quiet, 'Your plan has changed.')
  await expect(membership(quiet).getByRole('heading')).toHaveText('Gold')
  await expect(quiet.getByRole('row', { name: /Paid/ }).first()).toContainText(`€${asked}`)
  await mailbox.mail(climber, /Your plan is now Gold/)

  const page = await stranger()
  await signInByCode(page, mailbox, climber)
  const plan = async () => {
    await page.goto('/dashboard/membership')
    await page.getByRole('link', { name: 'Change the plan' }).click()
    await page.getByRole('button', { name: 'See what it costs: Silver' }).click()
    await expect(page.getByText('Nothing is charged; your plan stays as it is')).toBeVisible()
    await page.getByRole('button', { name: /^Change to Silver on/ }).click()
    await says(page, 'The change is planned.')
    await expect(membership(page)).toContainText(/Changes to Silver on .* €10\.00 a month/)
    await expect(membership(page).getByRole('heading')).toHaveText('Gold')
  }
  await plan()
  await mailbox.mail(climber, /Your plan changes to Silver on/)
  await page.getByRole('button', { name: 'Keep Gold' }).click()
  await says(page, 'Your plan stays as it is.')
  await expect(membership(page)).toContainText(/Renews on .* €30\.00 a month/)
  await mailbox.mail(climber, /You keep Gold/)
  await plan()
  await shop.advance('32d')
  await until('the plan has changed', async () => {
    await page.goto('/dashboard/membership')
    if (new URL(page.url()).pathname.startsWith('/sign-in'))
      await signInByCode(page, mailbox, climber, '**/dashboard/membership')
    return /Silver[\s\S]*Renews on/.test(await membership(page).innerText())
  })
  await mailbox.mail(climber, /Your plan is now Silver/)
})

test('a renewal fails: every page says so with one press to another card, which is tried at once; without it the grace ends [commerce 58] [payments 53, 54]', async ({
  stranger,
  mailbox,
  shop,
}) => {
  test.setTimeout(300_000)
  await shop.query(
    `insert into plan (title, plan_group, amount_minor, currency, interval_unit, interval_count, trial_days)
     values ('Bronze', 'Owing', 700, 'EUR', 'month', 1, 1)`,
  )
  await isKnownAtStripe(shop, 'Bronze')
  const debtor = 'debtor@example.com'
  const page = await stranger({ javaScriptEnabled: false })
  await signInByCode(page, mailbox, debtor)
  await page.goto('/plans')
  await page.getByRole('button', { name: 'Subscribe to Bronze' }).click()
  await payOnSandbox(page, { card: '4000 0000 0000 0341' })
  await page.waitForURL('**/dashboard/membership?notice=begun', { timeout: 60_000 })
  await shop.advance('26h')
  await mailbox.mail(debtor, /Your payment for Bronze did not go through/)
  const banner = page.getByRole('complementary', { name: 'A payment is owed' })
  for (const path of ['/', '/plans', '/dashboard', '/dashboard/settings']) {
    await page.goto(path)
    await expect(banner).toContainText('Everything stays open until')
  }
  // Another card that fails as well, then none until the grace is over.
  await page.goto('/')
  await banner.getByRole('button', { name: 'Change the card' }).click()
  await changeCardOnSandbox(page, '4000 0000 0000 0341')
  await says(page, 'The card was not charged this time either.')
  await shop.advance('146h')
  await mailbox.mail(debtor, /Bronze closes on/)
  await shop.advance('24h')
  await mailbox.mail(debtor, /Bronze is closed for now/)
  await page.goto('/')
  await expect(banner).toContainText('what it opened is closed')
  await banner.getByRole('button', { name: 'Change the card' }).click()
  await changeCardOnSandbox(page)
  await says(page, 'It is paid. Everything of your plan is open.')
  await expect(banner).toHaveCount(0)
  await expect(membership(page)).toContainText(/Renews on .* €7\.00 a month/)
  await page.goto('/')
  await expect(banner).toHaveCount(0)
})

test('the card page’s tab is closed: what is owed is paid by itself with the new card, and a refused one is told [commerce 58] [payments 54]', async ({
  stranger,
  mailbox,
  shop,
}) => {
  test.setTimeout(300_000)
  const absent = 'absent@example.com'
  const page = await stranger({ javaScriptEnabled: false })
  await signInByCode(page, mailbox, absent)
  await page.goto('/plans')
  await page.getByRole('button', { name: 'Subscribe to Bronze' }).click()
  await payOnSandbox(page, { card: '4000 0000 0000 0341' })
  await page.waitForURL('**/dashboard/membership?notice=begun', { timeout: 60_000 })
  await shop.advance('26h')
  await mailbox.mail(absent, /Your payment for Bronze did not go through/)
  const banner = page.getByRole('complementary', { name: 'A payment is owed' })
  // Stripe's page saves the card, and its way back is never walked.
  const changeAndLeave = async (card: string) => {
    await page.goto('/')
    await banner.getByRole('button', { name: 'Change the card' }).click()
    const hosted = '**/sandbox/p/**'
    await page.waitForURL(hosted)
    await page.route(hosted, async (route) => {
      const saved = await route.fetch({ maxRedirects: 0 })
      expect(saved.headers().location).toContain('/dashboard/membership/card')
      await route.fulfill({ body: 'Closed.' })
    })
    await saveCardOnSandbox(page, card)
    await expect(page.getByText('Closed.')).toBeVisible()
    await page.unroute(hosted)
  }
  await changeAndLeave('4000 0000 0000 0341')
  const refused = await mailbox.mail(absent, /Your new card for Bronze was refused/)
  expect(refused.text).toContain('your new card ending in 0341')
  await page.goto('/plans')
  await expect(banner).toContainText('The new card ending in 0341 was refused, too.')
  await changeAndLeave(cards.pays)
  await page.close()
  await mailbox.mail(absent, /Your receipt for Bronze/)
  expect(await standing(shop, absent)).toMatchObject({ status: 'active' })
  const later = await stranger()
  await signInByCode(later, mailbox, absent)
  await later.goto('/dashboard/membership')
  await expect(later.getByRole('complementary', { name: 'A payment is owed' })).toHaveCount(0)
  await expect(membership(later)).toContainText('Visa ending in 4242')
  expect(
    await shop.query(
      `select t.state, count(*)::int as times from card_try t join subscription_invoice i on i.id = t.invoice_id
       join subscription s on s.id = i.subscription_id join member m on m.id = s.member_id
       where m.email = $1 group by 1 order by 1`,
      [absent],
    ),
  ).toEqual([
    { state: 'known', times: 1 },
    { state: 'paid', times: 1 },
    { state: 'refused', times: 1 },
  ])
})
