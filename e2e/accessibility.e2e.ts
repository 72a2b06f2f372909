import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { payByBankDebit, payOnSandbox } from './hosted-page.ts'
import { addresses } from './page-addresses.ts'
import { customer } from './people.ts'
import { expect, test } from './shop.ts'
import { aService, givesSessions, hasAppointment, opensOnWeekdays } from './services.ts'
import { askForCode, isDelivered, pressBuy, signInByCode } from './visits.ts'

// Some states are written into the tables by hand: a shop whose books nobody else adds up.
test.use({ ownShop: 'accessibility' })

/** A dark page is the light one in other colours: only rules about colours can find anything new in it. */
const rulesOfColours = ['color-contrast', 'link-in-text-block']

interface Look {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
  readonly only?: readonly string[]
}

const looks: readonly Look[] = [
  { width: 375, colorScheme: 'light' },
  { width: 375, colorScheme: 'dark', only: rulesOfColours },
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark', only: rulesOfColours },
]

/** Serious and critical findings of axe in these looks, and sideways scrolling at 320 px: both must be nothing. */
async function isFitForEverybody(
  page: Page,
  path: string,
  inLooks: readonly Look[] = looks,
): Promise<void> {
  await page.goto(path)
  for (const { width, colorScheme, only } of inLooks) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Without a second page for putting together what frames found: ours have none from elsewhere.
    const axe = new AxeBuilder({ page }).setLegacyMode()
    if (only) axe.withRules([...only])
    const { violations } = await axe.analyze()
    const grave = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
    expect(grave, `${path} at ${width} px, ${colorScheme}`).toEqual([])
  }
  await page.setViewportSize({ width: 320, height: 700 })
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  )
  expect(overflow, `${path} scrolls sideways at 320 px`).toBeLessThanOrEqual(0)
}

test('every page of the store can be used by everybody', async ({ stranger }) => {
  const page = await stranger()
  for (const path of [
    '/',
    '/p/the-wednesday-planner',
    '/search?q=marks',
    '/search?q=nothing-like-it',
    '/pages/terms',
    '/plans',
    '/posts',
    '/posts/category/planning',
    '/posts/paper-that-survives-the-printer-at-home',
    '/posts/seven-questions-before-the-first-sketch',
    '/sign-in',
    '/account-deleted',
    '/no-such-page',
  ])
    await isFitForEverybody(page, path)
})

test('so can paying, the paid page and the dashboard', async ({ stranger, owner }) => {
  const page = await stranger()
  await pressBuy(page, 'tidemarks')
  await isFitForEverybody(page, page.url())
  await payOnSandbox(page, { email: 'axe@example.com' })
  await isDelivered(page, 'Tidemarks')
  await isFitForEverybody(page, page.url())
  for (const path of [
    '/dashboard',
    '/dashboard/receipts',
    '/dashboard/settings',
    '/dashboard/settings/your-data',
  ])
    await isFitForEverybody(owner, path)
})

test('so can the page of a payment that is not confirmed, waits for a bank, failed or ran out', async ({
  shop,
  stranger,
  mailbox,
}) => {
  // A member sees the state of their payment at its address; of a stranger the address asks for the proof that Stripe sends along.
  const page = await stranger()
  await signInByCode(page, mailbox, 'axe-states@example.com')
  const addressOf = async () => {
    const checkout = await shop.newestCheckout()
    return { session: checkout?.stripe_session_id, path: `/checkout/${checkout?.id}` }
  }
  const says = (words: string) =>
    expect(page.getByRole('heading', { level: 1 })).toHaveText(words, { timeout: 15_000 })

  await pressBuy(page, 'tidemarks')
  const left = await addressOf()
  await isFitForEverybody(page, left.path)
  await says('Your payment is being confirmed')
  await shop.control('POST', 'trigger', {
    event: 'checkout.session.expired',
    session: left.session,
  })
  await isFitForEverybody(page, left.path)

  await pressBuy(page, 'the-brief-sheet')
  const debit = await addressOf()
  await payByBankDebit(page, { account: /^\s*Pays/ })
  await page.waitForURL('**/checkout/*')
  const bank = page.url()
  await isFitForEverybody(page, bank)
  await says('We are waiting for your bank')
  await shop.control('POST', 'async', { session: debit.session, outcome: 'failed' })
  await expect(async () => {
    await page.goto(bank)
    await says('The payment did not go through')
  }).toPass({ timeout: 30_000 })
  await isFitForEverybody(page, bank)
})

test('so can what is said below a post, the page of who says it, and the pages of its mails', async ({
  shop,
  owner,
  stranger,
  mailbox,
}) => {
  const post = '/posts/paper-that-survives-the-printer-at-home'
  await owner.goto(post)
  await owner.getByLabel('Your comment').fill('What do you print on?')
  await owner.getByRole('button', { name: 'Comment', exact: true }).click()
  await owner.waitForURL(/#c-/)
  const page = await stranger()
  await signInByCode(page, mailbox, 'axe-reader@example.com')
  await page.goto('/dashboard/profile')
  await page.getByLabel('Name', { exact: true }).fill('Ada of the attic')
  await page.getByLabel('Show a page about me').check()
  await page.getByRole('button', { name: 'Save profile' }).click()
  const person = await page.getByRole('link', { name: 'Your page' }).getAttribute('href')
  await page.goto(post)
  await page.locator('summary', { hasText: 'Reply' }).click()
  await page.getByLabel(/^Your reply to/).fill('On this: https://example.com/paper')
  // Whoever sends it at once is taken for a program, and the owner is not told.
  await page.waitForFunction(() => performance.now() > 3_200)
  await page.getByRole('button', { name: 'Reply', exact: true }).click()
  await page.waitForURL(/said=held/)
  await isFitForEverybody(page, page.url())
  const linkOf = async (template: string, within: string) => {
    const [mail] = await shop.query<{ text: string }>(
      'select content::text as text from email_message where template = $1',
      [template],
    )
    return new RegExp(`/comments/${within}/[\\w.-]+`).exec(mail?.text ?? '')?.[0] ?? ''
  }
  const decide = await linkOf('comment_held', 'decide')
  await isFitForEverybody(page, decide)
  await page.getByRole('button', { name: 'Show it' }).click()
  await page.waitForURL(/done=decided/)
  await isFitForEverybody(page, await linkOf('comment_reply', 'mail-off'))
  await isFitForEverybody(await stranger(), post)
  await isFitForEverybody(page, person ?? '')
  await isFitForEverybody(owner, '/admin/comments?show=all')
})

test('so can every page of the owner', async ({ owner }) => {
  test.setTimeout(600_000)
  await owner.goto('/admin/orders')
  for (const path of [
    '/admin/orders',
    '/admin/products',
    '/admin/products/new',
    '/admin/customers',
    '/admin/subscriptions?plan=new',
    '/admin/subscriptions/give',
    '/admin/subscriptions/mirror',
    '/admin/subscriptions/mirror?show=unheld',
    '/admin/payments',
    '/admin/settings',
    '/admin/settings/ads',
    '/admin/settings/look',
    '/mailbox',
    '/style',
  ])
    await isFitForEverybody(owner, path)
})

test('and no other page is forgotten', async ({ shop, owner, stranger, mailbox }) => {
  test.setTimeout(600_000)
  const page = await stranger()
  const member = await customer(shop, page, mailbox, 'every-page@example.com')
  const [own] = await shop.query<{
    order: string
    customer: string
    product: string
    mail: string
    coupon: string
    post: string
  }>(
    `select o.id as order, o.customer_id as customer, l.product_id as product,
       (select id from email_message where template = 'receipt' order by created_at desc limit 1) as mail,
       (select id from coupon order by created_at limit 1) as coupon,
       (select id from post where is_premium limit 1) as post
     from shop_order o join order_line l on l.order_id = o.id where o.id = $1`,
    [member.orderId],
  )
  // What else may come back at a sale: a dispute that was won, and a withdrawal.
  const [claim] = await shop.query<{ dispute: string; withdrawal: string }>(
    `with disputed as (
       insert into dispute (id, payment_id, backend_id, stripe_dispute_id, amount_minor, currency, reason, state)
       select gen_random_uuid(), p.id, p.backend_id, 'du_axe', p.amount_minor, p.currency, 'fraudulent', 'won'
       from payment p join shop_order o on o.checkout_id = p.checkout_id where o.id = $1 returning id
     ), withdrawn as (
       insert into withdrawal (id, order_id, order_typed, email, name)
       select gen_random_uuid(), id, number::text, email, 'Ada Winter' from shop_order where id = $1 returning id
     ) select disputed.id as dispute, withdrawn.id as withdrawal from disputed, withdrawn`,
    [member.orderId],
  )
  // Somebody who has not come back from the payment page yet, of a plan that is closed by now.
  const [plan] = await shop.query<{ id: string }>(
    `insert into plan (title, amount_minor, currency, interval_unit, interval_count)
     values ('Monthly supporter', 500, 'EUR', 'month', 1) returning id`,
  )
  const [subscribing] = await shop.query<{ id: string }>(
    `insert into subscription_checkout (id, backend_id, member_id, plan_id, trial_days, due_at)
     select gen_random_uuid(), (select max(id) from stripe_backend), m.id, $2, 0, null
     from member m where m.email = $1 returning id`,
    ['every-page@example.com', plan?.id],
  )
  await shop.query('update plan set is_enabled = false where id = $1', [plan?.id])
  // And what somebody subscribes to, with another plan to change to.
  const [subscription] = await shop.query<{ id: string }>(
    `with offered as (
       insert into plan (title, amount_minor, currency, interval_unit, interval_count)
       values ('Silver', 500, 'EUR', 'month', 1), ('Gold', 900, 'EUR', 'month', 1) returning id, title
     ), held as (
       insert into subscription (id, backend_id, stripe_subscription_id, stripe_customer_id, member_id, customer_id, plan_id, plan_group,
         status, amount_minor, currency, interval_unit, interval_count, started_at, period_ends_at, digest)
       select gen_random_uuid(), (select max(id) from stripe_backend), 'sub_axe', 'cus_axe', m.id, $2, o.id, 'Membership',
         'active', 500, 'EUR', 'month', 1, clock_now(), clock_now() + interval '1 month', ''
       from member m, offered o where m.email = $1 and o.title = 'Silver' returning id, plan_id
     ) insert into subscription_item (subscription_id, stripe_item_id, stripe_price_id, plan_id, quantity, amount_minor)
       select id, 'si_axe', 'price_axe', plan_id, 1, 500 from held returning subscription_id as id`,
    ['every-page@example.com', own?.customer],
  )
  const [invoice] = await shop.query<{ id: string }>(
    `insert into subscription_invoice (id, backend_id, subscription_id, stripe_invoice_id, number, status, reason, due_minor, paid_minor,
       currency, made_at, paid_at, stripe_payment_intent_id)
     select gen_random_uuid(), backend_id, id, 'in_axe', 'A-1', 'paid', 'subscription_create', 500, 500, 'EUR', clock_now(),
       clock_now(), 'pi_axe' from subscription where id = $1 returning id`,
    [subscription?.id],
  )
  const [move] = await shop.query<{ id: string }>(
    `with moved as (
       insert into price_move (id, backend_id, from_plan_id, to_plan_id, notice_days, state, finished_at)
       select gen_random_uuid(), (select max(id) from stripe_backend), f.id, t.id, 30, 'done', clock_now()
       from plan f, plan t where f.title = 'Silver' and t.title = 'Gold' limit 1 returning id
     ) insert into price_move_person (move_id, subscription_id, state, reason, settled_at)
       select id, $1, 'left_out', 'ending', clock_now() from moved returning move_id as id`,
    [subscription?.id],
  )
  await opensOnWeekdays(shop)
  const { productId } = await aService(shop, 'A talk')
  await givesSessions(shop, 'every-page@example.com', productId, 2)
  const appointmentId = await hasAppointment(shop, 'every-page@example.com', productId)
  const pages = /^\+page\.svelte$/
  const values = {
    '/admin/orders/[id]/dispute/[dispute] id': own?.order ?? '',
    dispute: claim?.dispute ?? '',
    checkout: subscribing?.id ?? '',
    subscription: subscription?.id ?? '',
    move: move?.id ?? '',
    '/admin/withdrawals/[id] id': claim?.withdrawal ?? '',
    '/admin/coupons/[id] id': own?.coupon ?? '',
    '/admin/coupons/[id]/edit id': own?.coupon ?? '',
    '/admin/customers/[id] id': own?.customer ?? '',
    '/admin/customers/[id]/give id': own?.customer ?? '',
    '/admin/customers/[id]/refund/[invoice] id': own?.customer ?? '',
    invoice: invoice?.id ?? '',
    '/admin/orders/[id]/move id': own?.order ?? '',
    '/admin/mail/[id] id': own?.mail ?? '',
    '/admin/orders/[id] id': own?.order ?? '',
    '/admin/orders/[id]/refund id': own?.order ?? '',
    '/admin/posts/[id] id': own?.post ?? '',
    '/admin/posts/[id]/mail id': own?.post ?? '',
    '/admin/products/[id] id': own?.product ?? '',
    '/admin/products/[id]/versions/[version] id': own?.product ?? '',
    '/mailbox/[id] id': own?.mail ?? '',
    slug: 'terms',
    code: 'WELCOME',
    version: member.versionId,
    section: 'about',
    entitlement: member.entitlementId,
    order: member.orderId,
    reason: 'expired',
    product: productId,
    '/dashboard/appointments/[id] id': appointmentId,
    '/dashboard/appointments/[id]/move id': appointmentId,
  }
  const one = looks.slice(0, 1)
  const walk = async (visitor: Page, prefix: string) => {
    for (const path of addresses(prefix, values, pages)) await isFitForEverybody(visitor, path, one)
  }
  for (const prefix of ['/dashboard', '/downloads', '/sign-out', '/cart', '/code', '/withdraw'])
    await walk(page, prefix)
  for (const prefix of ['/admin', '/mailbox']) await walk(owner, prefix)
  for (const step of ['shop', 'product', 'payments', 'mail'])
    await isFitForEverybody(owner, `/admin/setup?step=${step}`, one)
  const code = await stranger()
  await askForCode(code, 'code-page@example.com')
  await isFitForEverybody(code, code.url(), one)
})
