import type { Page } from '@playwright/test'
import { until } from '../test/until.ts'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fillCart } from './carts.ts'
import { cards, payOnSandbox } from './hosted-page.ts'
import type { PicturedShop, Place, Who } from './pictured-shop.ts'
import { beginApp, confirmApp, giveAuthenticator, ownerRecoveryLink, security } from './people.ts'
import { askForCode, pressBuy, signInByCode } from './visits.ts'

export interface PicturedPage {
  readonly name: string
  /** The fresh shop has nothing in it but the examples, until a page takes them out. */
  readonly shop: 'fresh' | 'full'
  readonly who: Who
  /** An address, or the place that happened to lead there. */
  readonly at?: string | { readonly place: Place }
  /** What leads on from there to the state that is wanted. */
  readonly goOn?: (page: Page, pictured: PicturedShop) => Promise<void>
  /** Puts right what `goOn` did to the shop. */
  readonly after?: (pictured: PicturedShop) => Promise<void>
}

type Rest = Partial<Pick<PicturedPage, 'goOn' | 'after'>>
const page =
  (shop: PicturedPage['shop'], who: Who) =>
  (name: string, at: PicturedPage['at'], rest: Rest = {}): PicturedPage => ({
    name,
    shop,
    who,
    ...(at === undefined ? {} : { at }),
    ...rest,
  })

const anybody = page('full', 'visitor')
const member = page('full', 'member')
const newcomer = page('full', 'newcomer')
const owner = page('full', 'owner')
const firstVisitor = page('fresh', 'visitor')
const firstOwner = page('fresh', 'owner')
const at = (place: Place) => ({ place })

/** Goes to the cart with these in it. */
const cart =
  (slugs: readonly string[], code?: string) =>
  async (on: Page, pictured: PicturedShop): Promise<void> => {
    await fillCart(on, pictured.shop, slugs, code)
    await on.goto('/cart')
  }

/** Three subscriptions are found to differ from Stripe, one of which could not be looked up. */
async function differ(on: Page, { shop }: PicturedShop): Promise<void> {
  await shop.query(`
    insert into mirror_difference (backend_id, stripe_subscription_id, told, failure)
    select backend_id, stripe_subscription_id, case when at < 3 then jsonb_build_object('status', 'canceled',
      'amountMinor', amount_minor, 'currency', currency, 'interval', jsonb_build_object('unit', interval_unit, 'count', interval_count),
      'periodEndsAt', period_ends_at, 'endedAt', '2026-10-04T08:00:00Z', 'isPaused', false) end,
      case at when 2 then 'Stripe does not answer.' end
    from (select s.*, row_number() over (order by customer_id nulls last, started_at) as at from subscription s where is_live) s where at <= 3`)
  await on.reload()
}

/** A post that could be published. */
async function draft(on: Page): Promise<void> {
  await on.goto('/admin/posts/new')
  await on.getByLabel('Title', { exact: true }).fill('What a good pencil costs')
  await on.getByRole('button', { name: 'Begin the draft' }).click()
  await on
    .getByLabel('Text', { exact: true })
    .fill('## Less than you think\n\nAnd *more* than the other one.')
  await on.getByRole('button', { name: 'Save' }).click()
  await on.getByRole('button', { name: 'Publish', exact: true }).waitFor()
}

/** Every member asked for posts by mail. */
async function everybodyReads({ shop }: PicturedShop): Promise<void> {
  await shop.query(
    `insert into newsletter_reader (member_id, wording, asked_where) select id, 'Send me new posts.', 'settings' from member
     on conflict (member_id) do update set left_at = null, left_by = null`,
  )
}

async function nobodyReads({ shop }: PicturedShop): Promise<void> {
  await shop.query('delete from newsletter_reader')
  await shop.query(`delete from post where title = 'What a good pencil costs'`)
  await shop.query('delete from post_mailing')
  await shop.query('delete from post_mail')
}

async function mailAPost(on: Page, pictured: PicturedShop): Promise<void> {
  await everybodyReads(pictured)
  await on.goto('/admin/posts?q=mark')
  await on.getByRole('table').getByRole('link').first().click()
  await on.getByRole('link', { name: 'Mail this post' }).click()
  await on.waitForLoadState('networkidle')
  await on.getByRole('button', { name: /^Mail it to/ }).click()
  await on.getByRole('dialog').getByRole('button', { name: 'Mail it' }).click()
  await on.getByText('It is on its way').waitFor()
}

/** The link of the mail that was last delivered, where its reader stops them. */
async function openLeaving(on: Page, pictured: PicturedShop): Promise<void> {
  await mailAPost(on, pictured)
  const link = await until('a mail has left', async () => {
    const [mail] = await pictured.shop.query<{ link: string | null }>(
      `select unsubscribe_url as link from email_message where template = 'post' and unsubscribe_url is not null
       order by created_at desc limit 1`,
    )
    return mail?.link ?? undefined
  })
  await on.goto(new URL(link).pathname)
}

async function differNoMore({ shop }: PicturedShop): Promise<void> {
  await shop.query('delete from mirror_difference')
}

/** A dearer plan beside the one that most subscribe to, and what a move to it would do. */
async function otherPrice(on: Page, { shop }: PicturedShop): Promise<void> {
  const [plans] = await shop.query<{ from: string; to: string }>(`
    with busy as (
      select p.* from plan p join subscription s on s.plan_id = p.id where s.is_live group by p.id order by count(*) desc limit 1
    ), dearer as (
      insert into plan (title, plan_group, tier, amount_minor, currency, interval_unit, interval_count, is_example)
      select title || ' 2027', plan_group, tier, amount_minor + 300, currency, interval_unit, interval_count, true from busy returning id
    ), known as (
      insert into plan_price (plan_id, backend_id, stripe_price_id, is_active_there, due_at)
      select id, (select max(id) from stripe_backend), 'price_pictured', true, null from dearer returning plan_id
    ) select busy.id as from, known.plan_id as to from busy, known`)
  await on.goto(`/admin/subscriptions/price?plan=${plans?.from}&to=${plans?.to}&days=30`)
}

async function noOtherPrice({ shop }: PicturedShop): Promise<void> {
  await shop.query(`delete from plan where is_example and title like '% 2027'`)
}

const discussed = '/posts/paper-that-survives-the-printer-at-home'
const undiscussed = '/posts/a-mark-is-a-promise-to-your-later-self'

/** Every page of the shop in every state worth looking at. A new page is one line here. */
export const picturedPages: readonly PicturedPage[] = [
  firstVisitor('set-up', undefined, { goOn: openSetUp }),
  firstVisitor('set-up-errors', undefined, {
    goOn: async (on, pictured) => {
      await openSetUp(on, pictured)
      await withoutChecks(on)
      await on.getByRole('button', { name: 'Open my shop' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  firstOwner('orders-empty', '/admin/orders'),
  firstOwner('customers-empty', '/admin/customers'),
  firstOwner('payments-empty', '/admin/payments'),
  firstOwner('downloads-empty', '/admin/downloads'),
  firstOwner('numbers-empty', '/admin/numbers'),
  firstOwner('numbers-memberships-empty', '/admin/numbers/memberships'),
  firstOwner('mailbox-empty', '/mailbox'),
  firstOwner('set-up-used', undefined, { goOn: openSetUp }),
  firstVisitor('plans-of-examples', '/plans'),
  firstVisitor('front-of-examples', '/'),
  firstVisitor('post-premium-of-examples', '/posts/seven-questions-before-the-first-sketch'),
  firstOwner('subscriptions-of-examples', '/admin/subscriptions'),
  firstOwner('products-empty', '/admin/products', {
    goOn: async (on, pictured) => {
      await pictured.removeExamples()
      await on.reload()
    },
  }),
  firstOwner('coupons-empty', '/admin/coupons'),
  firstOwner('subscriptions-empty', '/admin/subscriptions'),
  firstOwner('admin-posts-empty', '/admin/posts'),
  firstOwner('admin-comments-empty', '/admin/comments'),
  firstVisitor('posts-empty', '/posts'),
  firstVisitor('front-empty', '/'),
  firstVisitor('search-empty', '/search?q=planner'),

  anybody('front', '/'),
  ...(['split', 'wide', 'words'] as const).map((hero) =>
    anybody(`front-${hero}`, '/', {
      goOn: async (on, pictured) => {
        await dress(on, pictured, { hero })
      },
      after: undress,
    }),
  ),
  anybody('front-sections', '/', {
    goOn: async (on, pictured) => {
      await dress(on, pictured, { hero: 'split', sections: manySections })
    },
    after: undress,
  }),
  anybody('product', '/p/the-wednesday-planner'),
  anybody('product-with-ad', '/p/tidemarks', { goOn: giveAds, after: takeAds }),
  anybody('front-with-ad', '/', { goOn: giveAds, after: takeAds }),
  anybody('product-with-gallery', '/p/north-sea'),
  anybody('product-dear', '/p/letters'),
  anybody('product-archived', '/p/calendar-2025'),
  anybody('product-price-changed', '/p/tidemarks?notice=price-changed'),
  anybody('product-not-bought', '/p/tidemarks?notice=not-bought'),
  anybody('product-open-price', '/p/quiet-lines'),
  anybody('product-open-price-too-little', '/p/quiet-lines?notice=amount&amount=1.50'),
  anybody('product-free', '/p/one-wednesday'),
  anybody('product-bundle', '/p/the-desk-set'),
  anybody('cart-empty', '/cart'),
  anybody('cart-one', '/cart', { goOn: cart(['tidemarks']) }),
  anybody('cart', '/cart', {
    goOn: cart(['the-desk-set', 'quiet-lines', 'the-brief-sheet'], 'WELCOME'),
  }),
  anybody('cart-long', '/cart', { goOn: cart(['north-sea', 'letters', 'calendar-2025']) }),
  anybody('cart-questions-errors', '/cart', {
    goOn: async (on, pictured) => {
      await cart(['letters'])(on, pictured)
      await on.getByRole('button', { name: /^Pay €/ }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  anybody('cart-free', '/cart', { goOn: cart(['one-wednesday']) }),
  anybody('cart-code-refused', '/cart', {
    goOn: async (on, pictured) => {
      await cart(['tidemarks'])(on, pictured)
      await on.getByText('Have a code?').click()
      await on.getByLabel('Code').fill('EARLY-BIRD')
      await on.getByRole('button', { name: 'Use it' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  anybody('cart-code-waits', '/cart', { goOn: cart([], 'LETTERS-FOR-EVERYBODY-IN-THE-HOUSE') }),
  anybody('cart-consent', '/cart', {
    goOn: async (on, pictured) => {
      await pictured.shop.query('update site set asks_terms = true, asks_immediate_delivery = true')
      await cart(['tidemarks'])(on, pictured)
      await on.getByRole('button', { name: /^Pay €/ }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
    after: async (pictured) => {
      await pictured.shop.query(
        'update site set asks_terms = false, asks_immediate_delivery = false',
      )
    },
  }),
  anybody('coupon-link', '/code/WELCOME'),
  anybody('coupon-link-refused', '/code/EARLY-BIRD', {
    goOn: async (on) => {
      await on.getByRole('button', { name: 'Use this code' }).click()
      await on.getByText('This code does not work').waitFor()
    },
  }),
  anybody('search', '/search?q=planner'),
  anybody('search-all', '/search'),
  anybody('search-nothing', '/search?q=accordion'),
  anybody('plans', '/plans'),
  anybody('plans-code', '/plans?code=LETTERS-HALF'),
  anybody('plans-code-refused', '/plans?code=WELCOME'),
  anybody('posts', '/posts'),
  anybody('posts-category', '/posts/category/planning'),
  anybody('post', '/posts/paper-that-survives-the-printer-at-home'),
  anybody('post-premium', '/posts/seven-questions-before-the-first-sketch'),
  anybody('post-premium-no-way-in', '/posts/how-i-plan-a-year-without-planning-a-year', {
    goOn: async (on, pictured) => {
      await pictured.shop.query(
        `update product set state = 'archived' where slug = 'the-wednesday-planner'`,
      )
      await on.reload()
    },
    after: async (pictured) => {
      await pictured.shop.query(
        `update product set state = 'live' where slug = 'the-wednesday-planner'`,
      )
    },
  }),
  anybody('posts-found', '/search?q=wednesday'),
  anybody('terms', '/pages/terms'),
  anybody('refunds', '/pages/refunds'),
  anybody('not-found', '/no-such-page'),
  anybody('broken', '/search?q=marks', {
    goOn: async (on, pictured) => {
      await pictured.shop.query('alter table product rename to product_away')
      await on.goto('/search?q=something-else')
    },
    after: async (pictured) => {
      await pictured.shop.query('alter table product_away rename to product')
    },
  }),
  anybody('broken-altogether', undefined, {
    goOn: (on) =>
      on.setContent(
        readFileSync(path.resolve(import.meta.dirname, '../src/error.html'), 'utf8')
          .replace('%sveltekit.status%', '500')
          .replace('%sveltekit.error.message%', 'Something went wrong on our side.'),
      ),
  }),
  anybody('style', '/style'),
  anybody('refused-file', '/downloads/refused/refunded'),
  anybody('refused-file-limit', '/downloads/refused/limit_reached'),
  anybody('refused-file-store-down', '/downloads/refused/store_down'),

  anybody('pay', undefined, { goOn: (on) => pressBuy(on, 'north-sea') }),
  anybody('pay-declined', undefined, {
    goOn: async (on) => {
      await pressBuy(on, 'tidemarks')
      await payOnSandbox(on, { email: 'declined@example.com', card: cards.isDeclined })
      await on.getByTestId('error').waitFor()
    },
  }),
  anybody('pay-bank-debit', undefined, {
    goOn: async (on) => {
      await pressBuy(on, 'tidemarks')
      await on.getByTestId('bank-debit').check()
    },
  }),
  anybody('pay-3-d-secure', undefined, {
    goOn: async (on) => {
      await pressBuy(on, 'tidemarks')
      await payOnSandbox(on, { email: 'bank@example.com', card: cards.asksTheBank })
      await on.getByTestId('3ds-complete').waitFor()
    },
  }),
  anybody('paid', at('goods')),
  anybody('paid-several', at('several')),
  anybody('paid-waiting', at('waiting')),
  anybody('paid-failed', at('failed')),
  anybody('paid-closed', at('closed')),
  member('paid-confirming', at('confirming')),
  member('paid-expired', at('expired')),

  anybody('sign-in', '/sign-in'),
  anybody('sign-in-password', '/sign-in', {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle') // the page takes over its parts
      await on.getByText('Use a password instead').click()
    },
  }),
  anybody('sign-in-wrong-password', '/sign-in', {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle') // the page takes over its parts
      await on.getByText('Use a password instead').click()
      await on.getByLabel('E-mail').last().fill('ada.winter@example.com')
      await on.getByLabel('Password').fill('not the right one')
      await on.getByRole('button', { name: 'Sign in with password' }).click()
      await on.locator('.errors').waitFor()
    },
  }),
  anybody('code', '/sign-in', { goOn: (on) => askForCode(on, 'somebody@example.com') }),
  anybody('code-wrong', '/sign-in', {
    goOn: async (on) => {
      await askForCode(on, 'somebody.else@example.com')
      await on.getByLabel('Code').fill('000000')
      await on.getByRole('button', { name: 'Sign in' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  anybody('second-step', undefined, { goOn: (on, pictured) => halfIn(on, pictured, 'half') }),
  anybody('second-step-wrong', undefined, {
    goOn: async (on, pictured) => {
      await halfIn(on, pictured, 'half-wrong')
      await on.getByText('Use a recovery code').click()
      await on.getByLabel('Recovery code').fill('7KQM-XA3D-9WTE')
      await on
        .locator('form', { has: on.getByLabel('Recovery code') })
        .getByRole('button', { name: 'Sign in' })
        .click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  anybody('second-step-gone', '/sign-in/second-step'),
  anybody('protection-none', undefined, {
    goOn: async (on, pictured) => {
      await signInByCode(on, pictured.mailbox, 'unprotected@example.com')
      await on.goto(security)
    },
  }),
  anybody('protection-app', undefined, {
    goOn: async (on, pictured) => {
      await signInByCode(on, pictured.mailbox, 'app@example.com')
      await beginApp(on)
    },
  }),
  anybody('protection-codes', undefined, {
    goOn: async (on, pictured) => {
      await signInByCode(on, pictured.mailbox, 'codes@example.com')
      await confirmApp(on, await beginApp(on))
    },
  }),
  anybody('protection', undefined, {
    goOn: async (on, pictured) => {
      await protect(on, pictured, 'protected@example.com')
      await on.goto(security)
    },
  }),
  anybody('confirm', undefined, {
    goOn: async (on, pictured) => {
      await protect(on, pictured, 'asked@example.com')
      await pictured.shop.advance('11m')
      await on.goto(`${security}/app`)
    },
  }),
  anybody('confirm-without-factor', undefined, {
    goOn: async (on, pictured) => {
      await signInByCode(on, pictured.mailbox, 'asked.too@example.com')
      await pictured.shop.advance('11m')
      await on.goto(`${security}/app`)
    },
  }),
  anybody('not-me', undefined, {
    goOn: async (on, pictured) => {
      await protect(on, pictured, 'alarmed@example.com')
      const mail = await pictured.mailbox.mail('alarmed@example.com', /protected/)
      await on.goto(mail.links.find((link) => link.includes('/not-me/')) ?? '')
    },
  }),
  owner('recover', undefined, {
    goOn: async (on, pictured) => {
      await on.goto(ownerRecoveryLink(pictured.shop))
    },
  }),
  newcomer('welcome', '/sign-in/welcome'),
  newcomer('dashboard-empty', '/dashboard'),
  newcomer('receipts-empty', '/dashboard/receipts'),
  newcomer('settings-newcomer', '/dashboard/settings'),
  member('dashboard', '/dashboard'),
  member('dashboard-already-yours', '/dashboard?notice=already-yours'),
  member('dashboard-product', at('owned product')),
  member('dashboard-product-new', at('owned product'), {
    goOn: async (on, pictured) => {
      await pictured.shop.query('update download set most_downloads = 2')
      await pictured.shop.query(
        `update download_window w set completed_at = case when v.number = 1 then clock_now() end
         from download_version v where v.id = w.version_id`,
      )
      await on.reload()
    },
    after: async (pictured) => {
      await pictured.shop.query('update download set most_downloads = null')
    },
  }),
  member('dashboard-product-damaged', at('owned product'), {
    goOn: async (on, pictured) => {
      await damagePlanner(pictured, true)
      await on.reload()
    },
    after: (pictured) => damagePlanner(pictured, false),
  }),
  member('book', at('book'), {
    goOn: async (on) => {
      await on.locator('.times label').nth(3).click()
    },
  }),
  member('book-booked', at('book again')),
  member('appointments', '/dashboard/appointments'),
  newcomer('appointments-empty', '/dashboard/appointments'),
  member('appointment', at('appointment')),
  member('appointment-move', at('appointment move')),
  owner('product-service', at('service')),
  owner('calendar', '/admin/calendar'),
  owner('hours', '/admin/calendar/hours', {
    goOn: async (on) => {
      await on.getByLabel('First date').fill('2027-12-24')
      await on.getByLabel('What for').fill('Winter holidays')
      await on.getByRole('button', { name: 'Add the dates' }).click()
    },
  }),
  member('licences', at('licences')),
  member('licences-paid', at('licences paid')),
  member('dashboard-not-found', '/dashboard/no-such-page'),
  newcomer('membership-none', '/dashboard/membership'),
  member('membership', '/dashboard/membership'),
  member('membership-cancel-asked', '/dashboard/membership', {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByRole('button', { name: 'Cancel membership' }).click()
      await on.getByRole('dialog').waitFor()
    },
  }),
  member('membership-change', '/dashboard/membership', {
    goOn: async (on) => {
      await on.getByRole('link', { name: 'Change the plan' }).click()
      await on.waitForURL('**/membership/change/*')
    },
  }),
  member('membership-change-check', '/dashboard/membership', {
    goOn: async (on) => {
      await on.getByRole('link', { name: 'Change the plan' }).click()
      await on.waitForURL('**/membership/change/*')
      await on.getByRole('button', { name: /^See what it costs: Quarterly/ }).click()
      await on.getByRole('heading', { name: /^Monthly supporter to/ }).waitFor()
    },
  }),
  // A payment is owed: the banner on every page of theirs.
  ...(['/', '/dashboard/membership'] as const).map((path) =>
    member(path === '/' ? 'front-owed' : 'membership-owed', path, {
      goOn: async (on, pictured) => {
        await pictured.shop.query(
          `update subscription set status = 'past_due', past_due_since = clock_now() where status = 'trialing'`,
        )
        await on.reload()
      },
      after: async (pictured) => {
        await pictured.shop.query(
          `update subscription set status = 'trialing', past_due_since = null where status = 'past_due'`,
        )
      },
    }),
  ),
  member('receipts', '/dashboard/receipts'),
  member('receipt', at('member receipt')),
  member('receipt-refunded', at('refunded receipt')),
  member('settings', '/dashboard/settings'),
  member('settings-data', '/dashboard/settings/your-data'),
  member('settings-errors', '/dashboard/settings', {
    goOn: async (on) => {
      await withoutChecks(on)
      await on.getByRole('button', { name: 'Set password' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  member('sign-out', '/sign-out'),
  member('account-deleted', '/account-deleted'),
  owner('settings-data-owner', '/dashboard/settings/your-data'),

  owner('mailbox', '/mailbox'),
  owner('mail', at('receipt mail')),
  owner('orders', '/admin/orders'),
  owner('orders-nothing', '/admin/orders?q=nobody'),
  owner('order', at('paid order')),
  owner('order-refunded', at('refunded order')),
  owner('order-disputed', at('disputed order')),
  owner('order-long', at('long order')),
  owner('order-refund-asked', at('paid order'), {
    goOn: async (on) => {
      await on.getByRole('link', { name: 'Refund', exact: true }).click()
      await on.getByRole('heading', { name: 'What happens' }).waitFor()
    },
  }),
  owner('order-refund-part', at('paid order'), {
    goOn: async (on) => {
      await on.getByRole('link', { name: 'Refund', exact: true }).click()
      await on.getByText('Give back less, or keep access').click()
      await on.getByLabel('Goes back').fill('4.50')
      await on.getByRole('button', { name: 'See what happens' }).click()
      await on.getByText('€4.50').first().waitFor()
    },
  }),
  owner('order-move', at('paid order'), {
    goOn: async (on) => {
      await on.getByRole('link', { name: 'Move it to another address' }).click()
      await on.getByLabel('The right address').fill('wilma.gruen@example.com')
      await on.getByLabel('Reason').fill('Mistyped at checkout')
      await on.getByRole('button', { name: 'See what happens' }).click()
      await on.getByRole('button', { name: 'Move the order' }).waitFor()
    },
  }),
  owner('dispute', at('dispute')),
  owner('withdrawals', '/admin/withdrawals'),
  owner('withdrawal', at('withdrawal')),
  owner('access', '/admin/access?who=ada.winter@example.com', {
    goOn: async (on) => {
      await on.getByLabel('What').selectOption({ label: 'The Brief Sheet' })
      await on.getByRole('button', { name: 'Look it up' }).click()
      await on.locator('section.answer').waitFor()
    },
  }),
  owner('give', at('member customer'), {
    goOn: async (on) => {
      await on.getByRole('link', { name: 'Give something' }).click()
      await on.getByRole('button', { name: 'Give it' }).waitFor()
    },
  }),
  anybody('gift', at('gift')),
  anybody('gift-bought', at('gift bought')),
  anybody('withdraw', '/withdraw'),
  anybody('withdraw-check', '/withdraw', {
    goOn: async (on) => {
      await on.getByLabel('Your name').fill('Wilma Grün')
      await on.getByLabel('The e-mail you bought with').fill('wilma@example.com')
      await on.getByRole('button', { name: 'Go on' }).click()
      await on.getByRole('button', { name: 'Confirm withdrawal' }).waitFor()
    },
  }),
  owner('customers', '/admin/customers'),
  owner('customer', at('member customer')),
  owner('customer-payments', at('member customer'), {
    goOn: async (on, pictured) => {
      await payInvoices(pictured)
      await on.reload()
      await on.waitForLoadState('networkidle')
      await on.locator('summary', { hasText: 'Payments' }).click()
    },
    after: forgetInvoices,
  }),
  owner('customer-refund', at('member customer'), { goOn: askForRefund, after: forgetInvoices }),
  owner('customer-refund-check', at('member customer'), {
    goOn: async (on, pictured) => {
      await askForRefund(on, pictured)
      await on.getByLabel('End the subscription now').check()
      await on.getByRole('button', { name: 'See what happens' }).click()
      await on.getByRole('heading', { name: 'What happens' }).waitFor()
    },
    after: forgetInvoices,
  }),
  member('membership-refunded', '/dashboard/membership', {
    goOn: async (on, pictured) => {
      await payInvoices(pictured)
      await on.reload()
    },
    after: forgetInvoices,
  }),
  owner('customer-plan-record', at('member customer'), {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByText('What happened').click()
    },
  }),
  owner('customer-plan-end-asked', at('member customer'), {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByRole('button', { name: 'End it now' }).click()
      await on.getByRole('dialog').waitFor()
    },
  }),
  ...(['paused', 'ended'] as const).map((state) =>
    owner(`customer-plan-${state}`, at('member customer'), {
      goOn: async (on, pictured) => {
        await pictured.shop.query(
          state === 'paused'
            ? `update subscription set is_paused = true where member_id is not null`
            : `update subscription set status = 'canceled', ended_at = clock_now() where status = 'trialing' and member_id is not null`,
        )
        await on.reload()
      },
      after: async (pictured) => {
        await pictured.shop.query(
          state === 'paused'
            ? `update subscription set is_paused = false where is_paused`
            : `update subscription set status = 'trialing', ended_at = null where status = 'canceled' and member_id is not null`,
        )
      },
    }),
  ),
  owner('customer-long', at('long customer')),
  owner('products', '/admin/products'),
  owner('products-nothing', '/admin/products?search=accordion'),
  owner('coupons', '/admin/coupons'),
  owner('coupon', at('coupon')),
  owner('coupon-switch-off-asked', at('coupon'), {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByRole('button', { name: 'Switch off' }).click()
      await on.getByRole('dialog').waitFor()
    },
  }),
  owner('subscriptions', '/admin/subscriptions'),
  owner('plan', at('plan')),
  owner('plan-new', '/admin/subscriptions?plan=new'),
  owner('membership-rules', '/admin/subscriptions/rules'),
  owner('price-move', '/admin/subscriptions', { goOn: otherPrice, after: noOtherPrice }),
  owner('mirror', '/admin/subscriptions/mirror', { goOn: differ, after: differNoMore }),
  owner('mirror-healing', '/admin/subscriptions/mirror', {
    goOn: async (on, pictured) => {
      await differ(on, pictured)
      await on.getByRole('button', { name: /^Heal all/ }).click()
      await on.getByText('being looked up').first().waitFor()
    },
    after: differNoMore,
  }),
  owner('mirror-same', '/admin/subscriptions/mirror'),
  owner('mirror-unheld', '/admin/subscriptions/mirror?show=unheld', {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByText('Say whose it is').first().click()
      await on.getByLabel('Whose is it?').first().fill('nobody-here@example.com')
      await on.getByRole('button', { name: 'It is theirs' }).first().click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  owner('plan-give', at('member customer'), {
    goOn: async (on) => {
      await on.getByRole('link', { name: 'Give a plan' }).click()
      await on.getByRole('button', { name: 'Give it' }).waitFor()
    },
  }),
  owner('plan-give-errors', '/admin/subscriptions/give', {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByLabel('Until a day').check()
      await withoutChecks(on)
      await on.getByRole('button', { name: 'Give it' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  owner('customer-plan-given', at('member customer'), { goOn: givePlans, after: takePlansBack }),
  member('membership-given', '/dashboard/membership', { goOn: givePlans, after: takePlansBack }),
  member('membership-given-alone', '/dashboard/membership', {
    goOn: async (on, pictured) => {
      await pictured.shop.query(
        `update subscription set member_id = null where member_id is not null and surplus_reason is null`,
      )
      await givePlans(on, pictured)
    },
    after: async (pictured) => {
      await pictured.shop.query(
        `update subscription s set member_id = c.member_id from customer c where c.id = s.customer_id`,
      )
      await takePlansBack(pictured)
    },
  }),
  owner('plan-new-errors', '/admin/subscriptions?plan=new', {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByLabel('Price').fill('1,234')
      await on.getByLabel('Number of periods').fill('40')
      await on.getByRole('button', { name: 'See what will be made' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  owner('plan-new-check', '/admin/subscriptions?plan=new', {
    goOn: async (on) => {
      await on.getByLabel('Price').fill('9.00')
      await on.getByLabel('Name').fill('Monthly supporter')
      await on.getByRole('button', { name: 'See what will be made' }).click()
      await on.getByRole('button', { name: 'Make the plan' }).waitFor()
    },
  }),
  owner('coupon-new', '/admin/coupons/new'),
  owner('coupon-new-plans', '/admin/coupons/new', {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByLabel('Some plans').check()
      await on.getByLabel('Payments of the first months').check()
      await on.locator('[name=months]').waitFor()
    },
  }),
  owner('coupon-of-plans', at('coupon of plans')),
  owner('coupon-new-errors', '/admin/coupons/new', {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByLabel('Some products').check()
      await on.locator('[name=from]').fill('2026-12-24')
      await on.locator('[name=until]').fill('2026-12-01')
      await on.getByRole('button', { name: 'Make the coupon' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  owner('coupon-edit-asked', at('coupon'), {
    goOn: async (on) => {
      await on.getByRole('link', { name: 'Edit' }).click()
      await on.waitForLoadState('networkidle')
      await on.getByLabel('Percent').fill('15')
      await on.getByLabel('Until').fill('2090-12-31')
      await on.getByRole('button', { name: 'Save' }).click()
      await on.getByText('Whom it touches').waitFor()
    },
  }),
  owner('editor-bundle', at('editor of a bundle')),
  owner('editor-questions', at('product with questions'), {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.locator('#selling details summary').nth(1).click()
      await on.locator('#selling').scrollIntoViewIfNeeded()
    },
  }),
  owner('editor-price-asked', at('product of examples'), {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByRole('textbox', { name: 'Price' }).fill('21.00')
      await on.getByRole('button', { name: 'Set the price' }).click()
      await on.getByText('at once:').waitFor()
    },
  }),
  owner('editor-archive-asked', at('product of examples'), {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByRole('button', { name: 'Archive' }).click()
      await on.getByRole('dialog').waitFor()
    },
  }),
  owner('settings-before-paying', '/admin/settings/before-paying'),
  owner('product-new', '/admin/products/new'),
  owner('product-new-errors', '/admin/products/new', {
    goOn: async (on) => {
      await on.getByRole('button', { name: 'Begin the draft' }).click()
      await on.locator('[aria-invalid]').first().waitFor()
    },
  }),
  owner('editor-draft', at('draft')),
  owner('editor', at('product of examples')),
  owner('editor-with-pictures', at('product with pictures')),
  owner('editor-archived', at('archived product')),
  owner('editor-errors', at('product of examples'), {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByLabel('Title', { exact: true }).first().fill('')
      await on.getByRole('button', { name: 'Save words' }).click()
      await on.locator('[aria-invalid]').first().waitFor()
    },
  }),
  owner('editor-file-open', at('product of examples'), {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.locator('#contents details summary').first().click()
    },
  }),
  owner('editor-file-damaged', at('product of examples'), {
    goOn: async (on, pictured) => {
      await damagePlanner(pictured, true)
      await on.reload()
    },
    after: (pictured) => damagePlanner(pictured, false),
  }),
  owner('version', at('version')),
  owner('version-asked', at('version'), {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle')
      await on.getByRole('button', { name: /^Tell / }).click()
      await on.getByRole('dialog').waitFor()
    },
  }),
  owner('version-being-told', at('version'), {
    goOn: async (on, pictured) => {
      await tellOfPlanner(pictured, 'running')
      await on.reload()
    },
    after: forgetTelling,
  }),
  owner('version-stopped', at('version'), {
    goOn: async (on, pictured) => {
      await tellOfPlanner(pictured, 'stopped')
      await on.reload()
    },
    after: forgetTelling,
  }),
  owner('downloads', '/admin/downloads'),
  owner('downloads-damaged', '/admin/downloads', {
    goOn: async (on, pictured) => {
      await damagePlanner(pictured, true)
      await on.reload()
    },
    after: (pictured) => damagePlanner(pictured, false),
  }),
  owner('downloads-limited', at('downloads of one'), {
    goOn: async (on, pictured) => {
      await pictured.shop.query('update download set most_downloads = 3')
      await on.reload()
    },
    after: async (pictured) => {
      await pictured.shop.query('update download set most_downloads = null')
    },
  }),
  owner('taxes', '/admin/products/taxes'),
  owner('licences-for-software', '/admin/products/licences'),
  owner('numbers', '/admin/numbers'),
  owner('numbers-year', '/admin/numbers?period=year'),
  owner('numbers-memberships', '/admin/numbers/memberships'),
  owner('numbers-memberships-year', '/admin/numbers/memberships?period=year'),
  owner('numbers-quiet-day', '/admin/numbers?period=custom&from=2024-02-29&to=2024-02-29'),
  owner('numbers-problem', '/admin/numbers?period=custom&from=2026-02-30&to=2026-02-01'),
  owner('payments', '/admin/payments'),
  owner('shop-settings', '/admin/settings'),
  owner('shop-settings-errors', '/admin/settings', {
    goOn: async (on) => {
      await on.getByLabel('Name', { exact: true }).fill('')
      await on.getByLabel('E-mail for questions').fill('mara at example')
      await on.getByRole('button', { name: 'Save' }).click()
      await on.locator('[aria-invalid]').first().waitFor()
    },
  }),
  owner('shop-ads-empty', '/admin/settings/ads'),
  owner('shop-ads', '/admin/settings/ads', { goOn: giveAds, after: takeAds }),
  owner('shop-ads-errors', '/admin/settings/ads', {
    goOn: async (on) => {
      await on.getByLabel('AdSense id').fill('1234')
      await on.getByLabel('Products').fill('top banner')
      await on.getByRole('button', { name: 'Save' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  owner('front-place-of-an-ad', '/', { goOn: giveAds, after: takeAds }),
  owner('shop-look', '/admin/settings/look'),
  owner('shop-look-errors', '/admin/settings/look', {
    goOn: async (on) => {
      await on.getByLabel('Brand colour').fill('brick')
      await on.getByRole('button', { name: 'Save the draft' }).click()
      await on.locator('[aria-invalid]').first().waitFor()
    },
  }),
  owner('shop-look-front', '/admin/settings/look/front', { goOn: drawFront, after: undraw }),
  owner('shop-look-section', '/admin/settings/look/front/about'),
  owner('shop-look-publish', '/admin/settings/look/publish', { goOn: drawFront, after: undraw }),
  owner('shop-look-history', '/admin/settings/look/history', {
    goOn: async (on, pictured) => {
      await pictured.shop.query(
        `insert into published_look (settings, published_at) select s.settings::jsonb, s.at from (values
           ('{"look":"warm","brandColour":"#b4472e"}', null),
           ('{"look":"night","brandColour":"#1f5fa8","fonts":"fraunces"}', clock_now() - interval '40 days'),
           ('{"look":"warm","brandColour":"#b4472e"}', clock_now() - interval '3 days')
         ) as s (settings, at)`,
      )
      await on.reload()
    },
    after: async (pictured) => {
      await pictured.shop.query('delete from published_look')
    },
  }),
  firstOwner('setup', '/admin/setup?step=shop'),
  firstOwner('setup-product', '/admin/setup?step=product'),
  firstOwner('setup-product-errors', '/admin/setup?step=product', {
    goOn: async (on) => {
      await on.getByLabel('What is it called?').fill('Tide tables')
      await on.getByRole('button', { name: 'Put it into the shop' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  firstOwner('setup-payments', '/admin/setup?step=payments'),
  firstOwner('setup-mail', '/admin/setup?step=mail'),
  owner('examples-asked', '/admin/products', {
    goOn: async (on) => {
      await on.waitForLoadState('networkidle') // the page takes over its dialog
      await on.getByRole('button', { name: 'Remove the examples' }).click()
      await on.getByRole('dialog').waitFor()
    },
  }),
  owner('mail-test-refused', '/admin/settings/mail', {
    goOn: async (on) => {
      await on.getByRole('textbox', { name: 'Server' }).fill('127.0.0.1')
      await on.getByRole('textbox', { name: 'Port' }).fill('9')
      await on.getByRole('button', { name: 'Save' }).click()
      await on.getByRole('button', { name: /^Send me a test/ }).click()
      await on.getByText('In the server’s words').waitFor()
    },
    after: async (pictured) => {
      await pictured.shop.query(`delete from shop_setting where name = 'SMTP_URL'`)
    },
  }),
  owner('stripe-keys', '/admin/settings/stripe'),
  owner('mail-server', '/admin/settings/mail'),
  owner('going-live', '/admin/settings/live'),
  owner('self-test', '/admin/health', {
    goOn: async (on) => {
      await on.getByRole('button', { name: 'Test now' }).click()
      await on.getByText('Looked at just now').waitFor()
    },
  }),
  member('post-premium-whole', '/posts/how-i-plan-a-year-without-planning-a-year'),
  member('own-feed', '/dashboard/feed'),
  member('own-feed-made', '/dashboard/feed', {
    goOn: async (on) => {
      await on.getByRole('button', { name: 'Give me an address' }).click()
      await on.getByText('Address for your feed reader').waitFor()
    },
  }),
  member('calendar-address', '/dashboard/appointments/feed'),
  owner('calendar-address-of-owner', '/admin/calendar/feed', {
    goOn: async (on) => {
      await on.getByRole('button', { name: 'Give me an address' }).click()
      await on.getByText('Address for your calendar').waitFor()
    },
  }),
  anybody('post-comments', `${discussed}#comments`),
  anybody('post-comments-none', `${undiscussed}#comments`),
  member('post-comments-as-member', `${discussed}#comments`, {
    goOn: async (on) => {
      await on.locator('summary', { hasText: 'Reply' }).first().click()
    },
  }),
  newcomer('post-comments-name', `${undiscussed}#comments`),
  newcomer('post-comments-held', `${discussed}?said=held#comments`),
  owner('post-comments-as-owner', `${discussed}#comments`),
  anybody('person', '/people/siobhan-1a2b3c'),
  member('profile', '/dashboard/profile'),
  member('profile-errors', '/dashboard/profile', {
    goOn: async (on) => {
      await on.getByLabel('Name', { exact: true }).fill('www.example.com')
      await on.getByRole('button', { name: 'Save profile' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  owner('admin-comments', '/admin/comments'),
  owner('admin-comments-all', '/admin/comments?show=all&done=hide&undo=1'),
  owner('admin-comments-none', '/admin/comments?show=hidden'),
  owner('comment-decide', discussed, {
    goOn: async (on, pictured) => {
      await on.goto(await pictured.linkOfMail('comment_held', 'comments/decide'))
    },
  }),
  owner('comment-mail-off', discussed, {
    goOn: async (on, pictured) => {
      await on.goto(await pictured.linkOfMail('comment_reply', 'comments/mail-off'))
    },
  }),
  owner('newsletter-leave', '/admin/posts', { goOn: openLeaving, after: nobodyReads }),
  owner('newsletter-left', '/admin/posts', {
    goOn: async (on, pictured) => {
      await openLeaving(on, pictured)
      await on.getByRole('button', { name: 'Stop posts by mail' }).click()
      await on.getByRole('heading', { name: 'No more posts by mail' }).waitFor()
    },
    after: nobodyReads,
  }),
  owner('admin-post-publish-asked', '/admin/posts', {
    goOn: async (on, pictured) => {
      await everybodyReads(pictured)
      await draft(on)
      await on.getByRole('button', { name: 'Publish', exact: true }).click()
      await on.getByRole('dialog').waitFor()
    },
    after: nobodyReads,
  }),
  owner('admin-post-later-asked', '/admin/posts', {
    goOn: async (on, pictured) => {
      await everybodyReads(pictured)
      await draft(on)
      await on.getByText('Publish it later').click()
    },
    after: nobodyReads,
  }),
  owner('admin-post-being-mailed', '/admin/posts', {
    goOn: async (on, pictured) => {
      await mailAPost(on, pictured)
    },
    after: nobodyReads,
  }),
  owner('admin-posts', '/admin/posts'),
  owner('admin-posts-deleted', '/admin/posts?state=deleted'),
  owner('admin-posts-nothing', '/admin/posts?q=accordion'),
  owner('admin-post-categories', '/admin/posts/categories'),
  owner('admin-post-new', '/admin/posts/new'),
  owner('admin-post-new-errors', '/admin/posts/new', {
    goOn: async (on) => {
      await withoutChecks(on)
      await on.getByRole('button', { name: 'Begin the draft' }).click()
      await on.locator('[aria-invalid=true]').first().waitFor()
    },
  }),
  owner('admin-post', '/admin/posts', {
    goOn: (on) => openPost(on, 'Seven questions before the first sketch'),
  }),
  owner('admin-post-mail', '/admin/posts', {
    goOn: async (on) => {
      await openPost(on, 'Seven questions before the first sketch')
      await on.getByRole('link', { name: 'Mail this post' }).click()
      await on.getByRole('heading', { name: 'How it looks' }).waitFor()
    },
  }),
  owner('admin-post-draft', '/admin/posts/new', {
    goOn: async (on) => {
      await draft(on)
      await on.getByText('Publish it later').click()
    },
    after: async (pictured) => {
      await pictured.shop.query(`delete from post where title = 'What a good pencil costs'`)
    },
  }),
  owner('admin-post-pictures', '/admin/posts', {
    goOn: async (on) => {
      await openPost(on, 'Paper that survives the printer at home')
      await on.getByLabel('What it shows').fill('Three sheets')
      await on.getByLabel('Add a picture').setInputFiles('docs/pictures/front-page.webp')
      await on.getByText('Not in the text yet').waitFor()
    },
  }),
  owner('admin-post-typed', '/admin/posts', {
    goOn: async (on) => {
      await openPost(on, 'A mark is a promise to your later self')
      await on.getByLabel('Category').fill('Marks')
      await on.getByText('Kept, not saved yet').waitFor()
      await on.reload()
    },
    after: async (pictured) => {
      await pictured.shop.query('delete from post_typed')
    },
  }),
  owner('shop-pages', '/admin/settings/pages'),
  owner('shop-page', '/admin/settings/pages/terms'),
  owner('shop-page-new', '/admin/settings/pages/new'),
  owner('owner-not-found', '/admin/no-such-page'),
  owner('product-as-owner', '/p/north-sea'),
  owner('inspector', '/sandbox/'),
  owner('inspector-events', '/sandbox/events'),
  owner('inspector-deliveries', '/sandbox/deliveries'),
  owner('inspector-objects', '/sandbox/objects'),
  owner('inspector-charge', '/sandbox/objects?kind=charge', {
    goOn: async (on) => {
      await on.locator('tr', { hasText: 'succeeded' }).locator('a').first().click()
      await on.getByTestId('charge-sum').waitFor()
    },
  }),
  owner('inspector-charge-disputed', '/sandbox/objects?kind=dispute', {
    goOn: async (on) => {
      await on.locator('tbody a').first().click()
      await on.locator('pre a[href*="/objects/charge/"]').first().click()
      await on.getByTestId('charge-sum').waitFor()
    },
  }),
  owner('inspector-requests', '/sandbox/requests'),
  owner('inspector-chaos', '/sandbox/chaos'),
]

/** Pictures of the README: its name in docs/pictures, the page it shows and how high the window stands, at 1280 px. */
export const readmePictures: readonly {
  readonly file: string
  readonly page: string
  readonly height: number
}[] = [
  { file: 'front-page', page: 'front', height: 1150 },
  { file: 'product-page', page: 'product', height: 1150 },
  { file: 'hosted-checkout', page: 'pay', height: 975 },
  { file: 'paid-page', page: 'paid', height: 935 },
  { file: 'dashboard', page: 'dashboard', height: 935 },
  { file: 'mailbox', page: 'mail', height: 900 },
  { file: 'order-page', page: 'order', height: 900 },
]

/** From the list of posts to one of them. */
async function openPost(on: Page, title: string): Promise<void> {
  await on.getByRole('link', { name: title }).click()
  await on.getByLabel('Text', { exact: true }).waitFor()
}

/** A member with a passkey and an app, signed in. */
async function protect(on: Page, pictured: PicturedShop, email: string): Promise<void> {
  await giveAuthenticator(on)
  await signInByCode(on, pictured.mailbox, email)
  await confirmApp(on, await beginApp(on))
  await on.goto(security)
  await on.getByLabel('Name of the new passkey').fill('Laptop')
  await on.getByRole('button', { name: 'Add a passkey' }).click()
  await on.getByText('Your passkey is saved').waitFor()
}

/** The same, on the way back in: the first step is done. */
async function halfIn(on: Page, pictured: PicturedShop, name: string): Promise<void> {
  const email = `${name}@example.com`
  await protect(on, pictured, email)
  await on.context().clearCookies()
  await on.goto('/sign-in')
  await askForCode(on, email)
  const { code } = await pictured.mailbox.mail(email, /sign-in code/i)
  await on.getByLabel('Code').fill(code ?? '')
  await on.getByRole('button', { name: 'Sign in' }).click()
  await on.waitForURL('**/sign-in/second-step')
}

async function openSetUp(on: Page, pictured: PicturedShop): Promise<void> {
  await on.goto(pictured.shop.setupLink)
}

/** Lets a form go out that the browser itself would keep back. */
async function withoutChecks(on: Page): Promise<void> {
  for (const one of await on.locator('form').all())
    await one.evaluate((element) => element.setAttribute('novalidate', ''))
}

/** The planner's newest file is damaged, or right again. */
async function damagePlanner(pictured: PicturedShop, isDamaged: boolean): Promise<void> {
  await pictured.shop.query(
    `update stored_file set damaged_at = ${isDamaged ? 'clock_now()' : 'null'}, damage = $1 where id = (
       select v.file_id from download_version v join download_item i on i.id = v.item_id
       join product p on p.id = i.product_id where p.slug = 'the-wednesday-planner' order by i.position, v.number desc limit 1
     )`,
    [isDamaged ? 'its bytes are not those that were stored' : null],
  )
}

/** A telling of the planner's newest version stands half-way, and stays there. */
async function tellOfPlanner(pictured: PicturedShop, state: 'running' | 'stopped'): Promise<void> {
  const version = pictured.place('version').split('/').at(-1)
  await pictured.shop.query(
    `insert into version_notice (version_id, state, next_at) values ($1, $2, 'infinity')`,
    [version, state],
  )
  await pictured.shop.query(
    `insert into version_notice_person (version_id, person, address, entitlement_id, state, at)
     select $1, 'customer:' || c.id, c.email, min(e.id::text)::uuid, case when row_number() over (order by c.email) <= 3 then 'told' else 'waiting' end, clock_now()
     from entitlement e join customer c on c.id = e.customer_id group by c.id limit 7`,
    [version],
  )
}

async function forgetTelling(pictured: PicturedShop): Promise<void> {
  await pictured.shop.query('delete from version_notice_person')
  await pictured.shop.query('delete from version_notice')
}

/** A front page with one of everything, on every ground. */
const manySections = [
  { id: 'opening', kind: 'opening', ground: 'tint', title: '', body: '' },
  { id: 'range', kind: 'range', ground: 'plain', title: 'On the shelf', body: '' },
  {
    id: 'quote',
    kind: 'quote',
    ground: 'brand',
    title: 'Yuki Tanaka, bookbinder in Kyoto',
    body: 'The first planner I did not give up in February.',
  },
  { id: 'picked', kind: 'picked', ground: 'plain', title: 'New', body: 'the-desk-set' },
  {
    id: 'words',
    kind: 'words',
    ground: 'dark',
    title: 'How things are made here',
    body: 'Each thing begins as something I need at my own desk. I use it for a year, and only then it gets a name and a price.\n\n- Drawn by hand, set in type that prints well\n- New versions come to you by mail, for nothing',
  },
  {
    id: 'questions',
    kind: 'questions',
    ground: 'dark',
    title: '',
    body: 'Can I print it as often as I like?\nYes, for yourself and for the people you work with.\n\nWhat if it is not for me?\nWrite within thirty days and you get your money back.\n\nDo you make things to order?\nSometimes. Ask, and tell me when you need it.',
  },
  { id: 'about', kind: 'about', ground: 'plain', title: '', body: '' },
].map((one) => ({ ...one, isHidden: false }))

/** The shop wears it, and the page has been made anew. */
async function dress(
  on: Page,
  pictured: PicturedShop,
  { hero, sections }: { readonly hero: string; readonly sections?: readonly object[] },
): Promise<void> {
  const before = await on.content()
  await pictured.shop.query(`update site set front_sections = $1, hero = $2`, [
    sections ? JSON.stringify(sections) : null,
    hero,
  ])
  await until('the page is made anew', async () => {
    await on.reload()
    return (await on.content()) !== before
  })
}

async function undress(pictured: PicturedShop): Promise<void> {
  await pictured.shop.query('update site set hero = null, front_sections = null')
}

/** A draft of it is under way. */
async function drawFront(on: Page, pictured: PicturedShop): Promise<void> {
  await pictured.shop.query(
    `insert into look_draft (version, settings) values (1, $1)
     on conflict (only_row) do update set version = look_draft.version + 1, settings = excluded.settings`,
    [
      JSON.stringify({
        look: 'soft',
        brandColour: '#2e7d4f',
        paper: 'warm',
        fonts: 'fraunces',
        hero: 'split',
        sections: manySections,
      }),
    ],
  )
  await on.reload()
  await on.waitForLoadState('networkidle')
}

/** Ads on the front page and with products; visitors are asked first. */
async function giveAds(on: Page, pictured: PicturedShop): Promise<void> {
  await pictured.shop.query(
    `with account as (insert into ad_account (client) values ('ca-pub-1234567890123456'))
     insert into ad_place (place, unit) values ('front', '1122334455'), ('product', '9876543210')`,
  )
  await on.reload()
}

async function takeAds(pictured: PicturedShop): Promise<void> {
  await pictured.shop.query('delete from ad_account')
  await pictured.shop.query('delete from ad_place')
}

async function undraw(pictured: PicturedShop): Promise<void> {
  await pictured.shop.query('update look_draft set settings = null, version = version + 1')
}

/** The member is given a plan without an end, until a day, and as a gift that waits; one was taken back. */
/** Payments of the member's plan: one whole, one of which a part went back, one that went back, one that is disputed. */
async function payInvoices(pictured: PicturedShop): Promise<void> {
  await pictured.shop.query(
    `with held as (
       select id, backend_id from subscription where member_id is not null and status = 'trialing' limit 1
     ), told as (
       insert into subscription_invoice (id, backend_id, subscription_id, stripe_invoice_id, number, status, reason, due_minor, paid_minor,
         refunded_minor, currency, made_at, paid_at, period_ends_at, stripe_payment_intent_id)
       select gen_random_uuid(), backend_id, id, 'in_pictured_' || n, 'SUN-000' || (9 - n), 'paid', 'subscription_cycle', 500, 500,
         case n when 2 then 150 when 3 then 500 else 0 end, 'EUR', clock_now() - n * interval '1 month',
         clock_now() - n * interval '1 month', clock_now() - (n - 1) * interval '1 month', 'pi_pictured_' || n
       from held, generate_series(1, 4) n returning id, backend_id, stripe_invoice_id
     ) insert into subscription_dispute (id, backend_id, invoice_id, stripe_dispute_id, amount_minor, currency, reason, state)
       select gen_random_uuid(), backend_id, id, 'du_pictured', 500, 'EUR', 'unrecognized', 'won' from told
       where stripe_invoice_id = 'in_pictured_4'`,
  )
}

async function forgetInvoices(pictured: PicturedShop): Promise<void> {
  await pictured.shop.query(
    `delete from subscription_dispute where stripe_dispute_id = 'du_pictured'`,
  )
  await pictured.shop.query(
    `delete from subscription_invoice where stripe_invoice_id like 'in_pictured_%'`,
  )
}

async function askForRefund(on: Page, pictured: PicturedShop): Promise<void> {
  await payInvoices(pictured)
  await on.reload()
  await on.waitForLoadState('networkidle')
  await on.locator('summary', { hasText: 'Payments' }).click()
  await on.getByRole('link', { name: 'Refund SUN-0008' }).click()
  await on.waitForURL('**/refund/*')
}

async function givePlans(on: Page, pictured: PicturedShop): Promise<void> {
  await pictured.shop.query(
    `insert into given_plan (id, customer_id, plan_id, kind, comp_ends_at, months, reason, ended_at, ended_reason)
     select gen_random_uuid(), c.id, p.id, what.kind, clock_now() + what.days * interval '1 day', what.months, what.reason,
       case when what.ended then clock_now() end, case when what.ended then 'It was the wrong plan.' end
     from customer c join member m on m.id = c.member_id,
       (select id from plan order by amount_minor desc limit 1) p,
       (values ('comp', null, null, 'Helped with the first issue of the letters', false),
         ('comp', 90, null, 'For the workshop in May', false),
         ('gift', null, 3, 'Won the drawing contest', false),
         ('comp', null, null, 'A slip of the hand', true)) what (kind, days, months, reason, ended)
     where m.email = 'ada.winter@example.com' and c.email = m.email`,
  )
  await on.reload()
}

async function takePlansBack(pictured: PicturedShop): Promise<void> {
  await pictured.shop.query('truncate given_plan')
}
