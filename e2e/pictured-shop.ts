import { randomUUID } from 'node:crypto'
import type { Browser, BrowserContextOptions, Page } from '@playwright/test'
import { until } from '../test/until.ts'
import { portrait, shore } from './drawn-pictures.ts'
import { cards, payByBankDebit, payOnSandbox } from './hosted-page.ts'
import { fillCart } from './carts.ts'
import { Mailbox } from './mailbox.ts'
import { cookieOf } from './people.ts'
import { ask, form } from './raw-request.ts'
import { aService, givesSessions, hasAppointment, opensOnWeekdays } from './services.ts'
import { Shop, theOwner, visitorOptions } from './shop.ts'
import { isDelivered, pressBuy, signInByCode } from './visits.ts'

/** Whose browser a page is looked at with. The newcomer is a member who bought nothing. */
export type Who = 'visitor' | 'member' | 'newcomer' | 'owner'

/** Where the addresses lead that only come into being with what happens in a shop. */
export type Place =
  | 'goods'
  | 'confirming'
  | 'waiting'
  | 'expired'
  | 'failed'
  | 'closed'
  | 'paid order'
  | 'refunded order'
  | 'disputed order'
  | 'long order'
  | 'long customer'
  | 'member customer'
  | 'owned product'
  | 'service'
  | 'book'
  | 'book again'
  | 'appointment'
  | 'appointment move'
  | 'member receipt'
  | 'refunded receipt'
  | 'product of examples'
  | 'product with pictures'
  | 'draft'
  | 'archived product'
  | 'receipt mail'
  | 'several'
  | 'several mail'
  | 'coupon'
  | 'coupon of plans'
  | 'editor of a bundle'
  | 'product with questions'
  | 'version'
  | 'downloads of one'
  | 'licences'
  | 'licences paid'
  | 'gift bought'
  | 'gift'
  | 'dispute'
  | 'withdrawal'
  | 'plan'

const member = { name: 'Ada Winter', email: 'ada.winter@example.com' }

const longTitle =
  'Colours of the North Sea: one hundred and twenty swatches, photographed between Sylt and Terschelling'

/** Buyers in the order in which they came; the first day is the oldest. */
const buyers = [
  ['tidemarks', 'Jonas Brandt', 'jonas.brandt@example.com', 'DE'],
  ['the-wednesday-planner', 'Siobhán Ní Dhómhnaill', 'siobhan@example.com', 'IE'],
  ['the-brief-sheet', 'Étienne de la Rochefoucauld-Montmorency', 'etienne@example.com', 'FR'],
  ['letters', 'Yuki Tanaka', 'yuki.tanaka@example.com', 'JP'],
  ['tidemarks', 'Ngozi Okafor', 'ngozi@example.com', 'GB'],
  [
    'north-sea',
    'Maximiliane Freifrau von Hohenstein-Brandenburg',
    'maximiliane.hohenstein-brandenburg@landschaftsarchitektur-nordfriesland.example.com',
    'DE',
  ],
  ['the-wednesday-planner', 'Ola Nordmann', 'ola@example.com', 'NO'],
  ['north-sea', 'Lucía Fernández', 'lucia@example.com', 'ES'],
] as const

/** A shop of its own to be looked at, with its people signed in as they are asked for. */
export class PicturedShop {
  readonly shop = new Shop()
  readonly #browser: Browser
  readonly #places = new Map<Place, string>()
  readonly #states = new Map<Who, BrowserContextOptions['storageState']>()
  #mailbox: Mailbox | undefined

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  /** Just installed: nobody has set it up, and nobody was there. */
  static async fresh(browser: Browser): Promise<PicturedShop> {
    const pictured = new PicturedShop(browser)
    await pictured.shop.start()
    return pictured
  }

  /** Months old, as it were: many purchases and what came of them, long words, pictures, drafts. */
  static async full(browser: Browser): Promise<PicturedShop> {
    const pictured = await PicturedShop.fresh(browser)
    await pictured.#fill()
    return pictured
  }

  get mailbox(): Mailbox {
    if (!this.#mailbox) throw new Error('Nobody has opened the mailbox yet.')
    return this.#mailbox
  }

  place(name: Place): string {
    const address = this.#places.get(name)
    if (!address) throw new Error(`Nothing has led to "${name}".`)
    return address
  }

  async newPage(who: Who): Promise<Page> {
    const storageState = who === 'visitor' ? undefined : await this.#stateOf(who)
    const context = await this.#browser.newContext({
      ...visitorOptions(this.shop),
      ...(storageState ? { storageState } : {}),
    })
    return context.newPage()
  }

  /** Takes the example products out, as the owner does. */
  async removeExamples(): Promise<void> {
    await this.#asOwner('/admin/products?/removeExamples', {})
  }

  async #stateOf(who: Who) {
    const known = this.#states.get(who)
    if (known) return known
    const page = await this.newPage('visitor')
    if (who === 'owner') {
      await page.goto(this.shop.setupLink)
      await page.getByLabel('Your name').fill(theOwner.name)
      await page.getByLabel('E-mail').fill(theOwner.email)
      await page.getByLabel('Password').fill(theOwner.password)
      await page.getByRole('button', { name: 'Open my shop' }).click()
      await page.waitForURL('**/admin/**')
    } else {
      this.#mailbox ??= new Mailbox(await this.newPage('visitor'), this.shop)
      const email = who === 'member' ? member.email : 'newcomer@example.com'
      await signInByCode(page, this.#mailbox, email)
    }
    const state = await page.context().storageState()
    this.#states.set(who, state)
    await page.context().close()
    return state
  }

  async #fill(): Promise<void> {
    await this.shop.removeExamplePlans()
    await this.#layOutProducts()
    await this.#makePlans()
    await this.#sellToMany()
    await this.#sellToGuests()
    await this.#sellToMember()
    await this.#giveKeys()
    await this.#sellGift()
    await this.#withdraw()
    await this.#sellWithCoupons()
    await this.#haveManyMembers()
    await this.#haveComments()
    await this.#findPlaces()
  }

  async #layOutProducts(): Promise<void> {
    const long = await this.#newProduct({
      title: longTitle,
      slug: 'north-sea',
      summary:
        'Every swatch with its place, its hour and its weather, as colours for print and for the web.',
      descriptionMd:
        'A walk along the tide line, told in colours.\n\n## How to use it\n\n- Load the swatches into your program\n- Or print the fan and take it outside',
      amount: '24.90',
    })
    await this.#addPictures(long, [196, 34, 210, 168])
    await this.#asOwner(`/admin/products/${long}?/publish`, {})
    const letters = await this.#newProduct({
      title: 'A year of letters',
      slug: 'letters',
      summary: 'Fifty-two letters on working alone, bound and signed.',
      descriptionMd: 'For studios and schools: one copy for everybody in the house.',
      amount: '1234.50',
    })
    await this.#asOwner(`/admin/products/${letters}?/publish`, {})
    const old = await this.#newProduct({
      title: 'The 2025 Wall Calendar',
      slug: 'calendar-2025',
      summary: 'Twelve drawings of one harbour.',
      descriptionMd: '',
      amount: '12',
    })
    await this.#asOwner(`/admin/products/${old}?/publish`, {})
    await this.#asOwner(`/admin/products/${old}?/archive`, {})
    const created = await this.#asOwner('/admin/products/new', {
      title: 'Harbour Sounds',
      kind: 'download',
    })
    this.#places.set('draft', created)
    this.#places.set('archived product', `/admin/products/${old}`)
    this.#places.set('product with pictures', `/admin/products/${long}`)
    this.#places.set(
      'product of examples',
      `/admin/products/${await this.#idOf('product', `slug = 'the-wednesday-planner'`)}`,
    )
  }

  async #makePlans(): Promise<void> {
    const plans = [
      ['Monthly supporter', '5.00', 'month', '1', '7', 'Every post, and the drawings behind them.'],
      [
        'Quarterly supporter, with the letters in print and a place at the long table',
        '24.00',
        'month',
        '3',
        '0',
        '',
      ],
      ['Patron of the studio', '1200.00', 'year', '2', '0', ''],
    ] as const
    for (const [title, price, unit, count, trialDays, description] of plans) {
      const address = await this.#asOwner('/admin/subscriptions?/make', {
        title,
        price,
        unit,
        count,
        trialDays,
        description,
      })
      if (title.startsWith('Monthly')) this.#places.set('plan', address.replace('&done=made', ''))
      if (title.startsWith('Patron'))
        await this.#asOwner(address.replace('&done=made', '&/switch'), {})
    }
  }

  /** Three months of people who came, tried, paid, owed and left: what numbers of memberships are drawn from. */
  async #haveManyMembers(): Promise<void> {
    await this.shop.query(`
      with kind as (
        select n, p.id as plan_id, p.amount_minor, p.interval_unit, p.interval_count,
          (p.amount_minor / case p.interval_unit when 'year' then 12 * p.interval_count else p.interval_count end)::int as monthly,
          clock_now() - (95 - n * 1.3) * interval '1 day' as began,
          case when n % 7 = 0 then 'canceled' when n % 19 = 0 then 'past_due' when n % 23 = 0 or n > 66 then 'trialing' else 'active' end
            as status
        from generate_series(1, 70) n join plan p on p.title like
          case when n % 4 = 0 then 'Quarterly%' else 'Monthly%' end
      ), held as (
        insert into subscription (id, backend_id, stripe_subscription_id, stripe_customer_id, plan_id, plan_group, status,
          amount_minor, currency, interval_unit, interval_count, started_at, ended_at, cancels_at, cancels_by, digest)
        select gen_random_uuid(), (select max(id) from stripe_backend), 'sub_pictured_' || n, 'cus_pictured_' || n, plan_id,
          'Membership', status, amount_minor, 'EUR', interval_unit, interval_count, began,
          case status when 'canceled' then began + interval '20 days' end,
          case when n % 11 = 0 and status = 'active' then clock_now() + interval '9 days' end,
          case when n % 11 = 0 and status = 'active' then 'period_end' end, ''
        from kind returning id, stripe_subscription_id
      ), told as (
        select k.*, h.id as subscription_id, case when k.status = 'trialing' then 0 else k.monthly end as month
        from kind k join held h on h.stripe_subscription_id = 'sub_pictured_' || k.n
      )
      insert into subscription_event (subscription_id, at, what, status, plan_id, cause, revenue_delta_minor,
        committed_delta_minor, currency)
      select subscription_id, began, 'begun', case status when 'trialing' then 'trialing' else 'active' end, plan_id, 'checkout',
        month, month, 'EUR' from told
      union all
      select subscription_id, least(began + interval '20 days', clock_now()), 'status', status, plan_id, 'evt', -month, -month, 'EUR'
        from told where status in ('canceled', 'past_due')
      union all
      select subscription_id, least(began + interval '6 days', clock_now()), 'cancel_set', status, plan_id, 'evt', 0, -month, 'EUR'
        from told where n % 11 = 0 and status = 'active'
      order by 1, 2`)
  }

  async #newProduct(words: {
    readonly title: string
    readonly slug: string
    readonly summary: string
    readonly descriptionMd: string
    readonly amount: string
  }): Promise<string> {
    const { amount, ...rest } = words
    const address = await this.#asOwner('/admin/products/new', {
      title: words.title,
      kind: 'download',
    })
    await this.#asOwner(`${address}?/words`, { ...rest, position: '20' })
    await this.#asOwner(`${address}?/price`, { amount })
    await this.#asOwner(`${address}?/addItem`, {
      kind: 'link',
      title: 'The collection',
      note: 'Opens in your browser; save it where you like.',
      url: 'https://example.com/collection',
    })
    await this.#asOwner(`${address}?/addItem`, {
      kind: 'snippet',
      title: 'Colours for a stylesheet',
      note: '',
      body: ':root {\n  --slack-water: #7f9aa3;\n  --marram: #a9a46c;\n  --wrack: #4a4436;\n}',
      language: 'css',
    })
    return address.split('/').at(-1) ?? ''
  }

  async #addPictures(productId: string, hues: readonly number[]): Promise<void> {
    const page = await this.newPage('owner')
    await page.goto(`/admin/products/${productId}`)
    await page.waitForLoadState('networkidle') // the page takes over its forms
    for (const [at, hue] of hues.entries()) {
      await page.getByLabel('Add a picture').setInputFiles({
        name: `shore-${at + 1}.jpg`,
        mimeType: 'image/jpeg',
        buffer: await shore(hue),
      })
      await page.locator('.pictures > li').nth(at).waitFor()
    }
    await page.context().close()
  }

  async #sellToMany(): Promise<void> {
    for (const [slug, name, email, country] of buyers) {
      await this.#sell(slug, { name, email, country })
      await this.shop.advance('9h')
    }
    const refunded = await this.#sell('tidemarks', {
      name: 'Tom Fischer',
      email: 'tom@example.com',
      country: 'AT',
    })
    await this.shop.advance('1d')
    await this.#refund(refunded, 'Bought twice by mistake; asked by mail.')
    const disputed = await this.#sell('north-sea', {
      name: 'Robin Vale',
      email: 'robin.vale@example.com',
      country: 'US',
      card: cards.isDisputedLater,
    })
    await until('the dispute has arrived', async () => {
      const [found] = await this.shop.query(`select 1 from dispute limit 1`)
      return found !== undefined
    })
    this.#places.set('refunded order', `/admin/orders/${refunded}`)
    this.#places.set('disputed order', `/admin/orders/${disputed}`)
  }

  /** Guests, whose pages after paying open by the address they were sent back to. */
  async #sellToGuests(): Promise<void> {
    const goods = await this.newPage('visitor')
    await pressBuy(goods, 'the-wednesday-planner')
    await payOnSandbox(goods, { email: 'guest@example.com', name: 'Wilma Grün' })
    await isDelivered(goods, 'The Wednesday Planner')
    this.#places.set('goods', goods.url())
    await goods.context().close()

    for (const [place, account] of [
      ['failed', /fail/i],
      ['waiting', /succe|pays/i],
    ] as const) {
      const page = await this.newPage('visitor')
      await pressBuy(page, 'tidemarks')
      const checkout = await this.shop.newestCheckout()
      await payByBankDebit(page, { email: `${place}@example.com`, account })
      await page.waitForURL('**/checkout/*')
      this.#places.set(place, page.url())
      if (place === 'failed')
        await this.shop.control('POST', 'async', {
          session: checkout?.stripe_session_id,
          outcome: 'failed',
        })
      await page.context().close()
    }

    const closed = await this.newPage('visitor')
    await pressBuy(closed, 'the-brief-sheet')
    await payOnSandbox(closed, { email: 'returned@example.com', name: 'Bente Holm' })
    await isDelivered(closed, 'The Brief Sheet')
    this.#places.set('closed', closed.url())
    await closed.context().close()
    await this.#refund(
      await this.#idOf('shop_order', `email = 'returned@example.com'`),
      'Not what it was hoped to be.',
    )
  }

  /** Coupons in every state, questions, and a cart of three things with one of them used. */
  async #sellWithCoupons(): Promise<void> {
    const letters = await this.#idOf('product', `slug = 'letters'`)
    await this.#asOwner(`/admin/products/${letters}?/limitPerOrder`, { mostPerOrder: '25' })
    for (const [question, answerKind, more] of [
      ['Whose name goes on the first page?', 'line', { isRequired: 'yes' }],
      [
        'How should it be bound?',
        'choice',
        { choices: 'Linen\nPaper\nLoose, in a box', isRequired: 'yes' },
      ],
      [
        'Anything we should know?',
        'lines',
        { help: 'A date it must be there by, or a word to the binder.' },
      ],
      [
        'I have read that it is made by hand and takes three weeks',
        'yes_no',
        { isRequired: 'yes' },
      ],
    ] as const)
      await this.#asOwner(`/admin/products/${letters}?/addQuestion`, {
        question,
        answerKind,
        ...more,
      })
    const coupon = (fields: Readonly<Record<string, string>>) =>
      this.#asOwner('/admin/coupons/new', { takesOff: 'percent', covers: 'all', ...fields })
    await coupon({
      code: 'EARLY-BIRD',
      percent: '25',
      from: '2020-03-01',
      until: '2020-03-31',
      note: 'Spring 2020, by mail',
    })
    await coupon({ code: 'NEXT-YEAR', percent: '12.5', from: '2090-01-01' })
    await coupon({
      code: 'LETTERS-FOR-EVERYBODY-IN-THE-HOUSE',
      takesOff: 'amount',
      amount: '100',
      covers: 'chosen',
      products: letters,
      minimum: '500',
      mostUses: '3',
    })
    await coupon({
      code: 'LETTERS-HALF',
      percent: '50',
      covers: 'all_plans',
      duration: 'repeating',
      months: '3',
      note: 'For those who read the letters of spring',
    })
    this.#places.set(
      'coupon of plans',
      `/admin/coupons/${await this.#idOf('coupon', `code = 'LETTERS-HALF'`)}`,
    )
    this.#places.set('coupon', `/admin/coupons/${await this.#idOf('coupon', `code = 'WELCOME'`)}`)
    this.#places.set(
      'editor of a bundle',
      `/admin/products/${await this.#idOf('product', `slug = 'the-desk-set'`)}`,
    )
    this.#places.set('product with questions', `/admin/products/${letters}`)

    for (const [email, slugs] of [
      ['ines@example.com', ['tidemarks']],
      ['three@example.com', ['the-desk-set', 'the-brief-sheet', 'quiet-lines']],
      [undefined, ['north-sea']],
    ] as const) {
      const page = await this.newPage('visitor')
      await fillCart(page, this.shop, slugs, 'WELCOME')
      await page.goto('/cart')
      await page
        .getByRole('textbox', { name: 'E-mail', exact: true })
        .fill(email ?? 'thinking@example.com')
      await page.getByRole('button', { name: /^Pay €/ }).click()
      await page.waitForURL('**/sandbox/c/pay/**')
      if (email !== undefined) {
        await payOnSandbox(page, { name: 'Inês Carvalho' })
        await page.getByRole('heading', { name: 'Thank you. It is yours.' }).waitFor()
        this.#places.set('several', page.url())
        if (slugs.length > 1)
          this.#places.set(
            'several mail',
            `/mailbox/${await this.#idOf('email_message', `template = 'receipt' and to_address = '${email}'`)}`,
          )
      }
      await page.context().close()
    }
  }

  async #sellToMember(): Promise<void> {
    const { name, email } = member
    await this.#sell('the-wednesday-planner', { name, email, country: 'GB' })
    const returned = await this.#sell('the-brief-sheet', { name, email, country: 'GB' })
    await this.#refund(returned, 'Asked for it the same day.')
    await this.#sell('north-sea', { name, email, country: 'GB' })
    await this.#sell('tidemarks', { name, email, country: 'GB', method: 'bank_debit' })

    const page = await this.newPage('member')
    await page.goto('/plans')
    await page.getByRole('button', { name: 'Subscribe to Monthly supporter' }).click()
    await payOnSandbox(page, {})
    await page.waitForURL('**/dashboard/membership?*')
    await page.goto('/dashboard/settings')
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Save name' }).click()
    await page.waitForURL('**/dashboard/settings?*')
    await page
      .getByLabel('Choose a picture')
      .setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: await portrait(206) })
    await page.getByRole('button', { name: 'Use this picture' }).click()
    await page.getByRole('button', { name: 'Remove picture' }).waitFor()
    for (const place of ['expired', 'confirming'] as const) {
      await pressBuy(page, 'letters')
      const checkout = await this.shop.newestCheckout()
      if (place === 'expired')
        await this.shop.control('POST', 'trigger', {
          event: 'checkout.session.expired',
          session: checkout?.stripe_session_id,
        })
      this.#places.set(place, `/checkout/${checkout?.id}`)
    }
    await page.context().close()
  }

  /** The member's swatches carry a key, which is in use in two places. */
  async #giveKeys(): Promise<void> {
    const product = await this.#idOf('product', `slug = 'north-sea'`)
    await this.#asOwner(`/admin/products/${product}?/licences`, {
      isOn: 'yes',
      seats: '3',
      prefix: 'north',
    })
    const found = await until('the member has a key', async () => {
      const [row] = await this.shop.query<{ code: string; entitlement: string; checkout: string }>(
        `select k.code, e.id as entitlement, o.checkout_id as checkout from licence k
         join order_line l on l.id = k.source_id join shop_order o on o.id = l.order_id
         join entitlement e on e.source_id = l.id where o.email = $1`,
        [member.email],
      )
      return row
    })
    for (const name of ['Studio computer', 'The old laptop on the window sill, upstairs']) {
      const answer = await ask(this.shop.port, {
        method: 'POST',
        path: '/api/licences/activate',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ key: found.code, instance: name, name }).toString(),
      })
      if (answer.status !== 200) throw new Error(`No seat for ${name}: ${answer.text}`)
    }
    this.#places.set('licences', `/dashboard/products/${found.entitlement}`)
    this.#places.set('licences paid', `/checkout/${found.checkout}`)
  }

  /** A gift that waits to be taken. */
  async #sellGift(): Promise<void> {
    const page = await this.newPage('visitor')
    await page.goto('/p/tidemarks')
    await page.getByRole('button', { name: 'Add to cart' }).click()
    await page.waitForURL('**/cart')
    await page.getByLabel('It is a gift').check()
    await page.getByLabel('From').fill('Wilma')
    await page.locator('[name=gift_to]').fill('Jonas')
    await page
      .getByLabel('A word with it')
      .fill('For the wall above your desk. Happy birthday, and see you at the sea in May!')
    await page
      .getByRole('button', { name: /^Pay €/ })
      .last()
      .click()
    await payOnSandbox(page, { email: 'wilma@example.com', name: 'Wilma Grün' })
    await page.waitForURL('**/checkout/*')
    this.#places.set('gift bought', page.url())
    this.#places.set(
      'gift',
      (await page.locator('a[href^="/gift/"]').first().getAttribute('href')) ?? '',
    )
    await page.context().close()
  }

  /** Somebody withdraws from the purchase of the guest. */
  async #withdraw(): Promise<void> {
    const [order] = await this.shop.query<{ number: string }>(
      `select number from shop_order where email = 'guest@example.com'`,
    )
    const page = await this.newPage('visitor')
    await page.goto('/withdraw')
    await page.getByLabel('Your name').fill('Wilma Grün')
    await page.getByLabel('The e-mail you bought with').fill('guest@example.com')
    await page.getByLabel('Order number').fill(String(order?.number))
    await page.getByLabel('Anything we should know').fill('I took it for the paper edition.')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('button', { name: 'Confirm withdrawal' }).click()
    await page.getByText('It reached us on').waitFor()
    await page.context().close()
    this.#places.set('withdrawal', `/admin/withdrawals/${await this.#idOf('withdrawal', 'true')}`)
    const [dispute] = await this.shop.query<{ id: string; order: string }>(
      `select d.id, o.id as order from dispute d join payment p on p.id = d.payment_id
       join shop_order o on o.checkout_id = p.checkout_id limit 1`,
    )
    this.#places.set('dispute', `/admin/orders/${dispute?.order}/dispute/${dispute?.id}`)
  }

  async #findPlaces(): Promise<void> {
    const order = (where: string) => this.#idOf('shop_order', where)
    const long = buyers.find(([, , email]) => email.length > 60)?.[2] ?? ''
    const [owned] = await this.shop.query<{ id: string }>(
      `select e.id from entitlement e join order_line l on l.id = e.source_id join shop_order o on o.id = l.order_id
       where o.email = '${member.email}' and l.title = 'The Wednesday Planner'`,
    )
    const receipts = await this.shop.query<{ id: string; refunded: boolean }>(
      `select o.id, exists (select 1 from refund r join payment p on p.id = r.payment_id where p.checkout_id = o.checkout_id) as refunded
       from shop_order o where o.email = '${member.email}' order by o.placed_at`,
    )
    const receipt = (refunded: boolean) =>
      `/dashboard/receipts/${receipts.find((one) => one.refunded === refunded)?.id}`
    const places: readonly [Place, string][] = [
      ['paid order', `/admin/orders/${await order(`email = 'guest@example.com'`)}`],
      ['long order', `/admin/orders/${await order(`email = '${long}'`)}`],
      ['long customer', `/admin/customers/${await this.#idOf('customer', `email = '${long}'`)}`],
      [
        'member customer',
        `/admin/customers/${await this.#idOf('customer', `email = '${member.email}'`)}`,
      ],
      ['owned product', `/dashboard/products/${owned?.id}`],
      ['member receipt', receipt(false)],
      ['refunded receipt', receipt(true)],
      [
        'receipt mail',
        `/mailbox/${await this.#idOf('email_message', `template = 'receipt' and to_address = 'guest@example.com'`)}`,
      ],
    ]
    for (const [name, address] of places) this.#places.set(name, address)
    await this.#appointments()
    await this.#fetches(owned?.id ?? '')
  }

  /** Services with hours to book them in: one to be booked, one that is. */
  async #appointments(): Promise<void> {
    await opensOnWeekdays(this.shop)
    const review = await aService(this.shop, '90-minute review', { buffer_after: 15, notice: 120 })
    const call = await aService(this.shop, 'A call before you print', { duration: 30 })
    await this.shop.query(
      `insert into product_question (product_id, position, question, help, answer_kind, asked)
       values ($1, 0, 'What shall we look at?', 'A link or a few words will do.', 'lines', 'booking')`,
      [review.productId],
    )
    await givesSessions(this.shop, member.email, review.productId, 3)
    await givesSessions(this.shop, member.email, call.productId)
    const made = await hasAppointment(this.shop, member.email, call.productId)
    await this.shop.query(
      `update appointment set title = 'A call before you print', right_id = r.id from session_right r
       where appointment.id = $1 and r.product_id = $2`,
      [made, call.productId],
    )
    await this.shop.query('update session_right set used = 1 where product_id = $1', [
      call.productId,
    ])
    this.#places.set('service', `/admin/products/${review.productId}`)
    this.#places.set('book', `/dashboard/book/${review.productId}`)
    this.#places.set('book again', `/dashboard/book/${call.productId}`)
    this.#places.set('appointment', `/dashboard/appointments/${made}`)
    this.#places.set('appointment move', `/dashboard/appointments/${made}/move`)
  }

  /** What was fetched, whole and in part, and the newest version of a file that some have and others have not. */
  async #fetches(owned: string): Promise<void> {
    const [version] = await this.shop.query<{ id: string; product_id: string }>(
      `select v.id, i.product_id from download_version v join download_item i on i.id = v.item_id
       join product p on p.id = i.product_id where p.slug = 'the-wednesday-planner' order by i.position, v.number desc limit 1`,
    )
    this.#places.set('version', `/admin/products/${version?.product_id}/versions/${version?.id}`)
    // It came after all these purchases.
    await this.shop.query('update download_version set created_at = clock_now() where id = $1', [
      version?.id,
    ])
    this.#places.set('downloads of one', `/admin/downloads?purchase=${owned}`)
    await this.shop.query(
      `with fetched as (
         select e.id as entitlement_id, v.id as version_id, v.item_id, f.byte_size, row_number() over (order by e.id, v.id) as at
         from entitlement e join download_item i on i.product_id = e.subject_id
         join download_version v on v.item_id = i.id join stored_file f on f.id = v.file_id
         where (v.number = 1 or e.id = $1) order by e.id, v.id limit 30
       ), windows as (
         insert into download_window (entitlement_id, version_id, delivered_bytes, completed_at, closed_at)
         select entitlement_id, version_id, byte_size, case when at % 3 > 0 then clock_now() end, clock_now() from fetched
         returning id, entitlement_id, version_id, completed_at
       )
       insert into access_log (entitlement_id, item_id, version_id, window_id, act, bytes, is_complete, network, user_agent)
       select fetched.entitlement_id, item_id, fetched.version_id, windows.id, 'download',
         case when completed_at is null then byte_size / 3 else byte_size end, completed_at is not null,
         '203.0.113.' || at, (array['Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', 'Mozilla/5.0 (iPhone) Version/18.0 Safari/604.1', 'curl/8.5'])[1 + at % 3]
       from fetched join windows using (entitlement_id, version_id)`,
      [owned],
    )
  }

  /** A purchase without its pages; gives the id of the order, or nothing while the bank has it. */
  async #sell(
    slug: string,
    buyer: {
      readonly name: string
      readonly email: string
      readonly country: string
      readonly card?: string
      readonly method?: 'bank_debit'
    },
  ): Promise<string> {
    const [offer] = await this.shop.query<{ product_id: string; id: string }>(
      `select price.id, product_id from price join product on product.id = product_id where is_active and slug = $1`,
      [slug],
    )
    const pressed = await ask(
      this.shop.port,
      form(
        this.shop.port,
        '/buy',
        { product: offer?.product_id ?? '', price: offer?.id ?? '' },
        visitorOptions(this.shop).extraHTTPHeaders,
      ),
    )
    if (pressed.status !== 303) throw new Error(`${slug} cannot be bought: ${pressed.status}`)
    const checkout = await this.shop.newestCheckout()
    const { name, email, country, method } = buyer
    const card = buyer.card?.replaceAll(' ', '')
    await this.shop.control('POST', 'pay', {
      session: checkout?.stripe_session_id,
      name,
      email,
      country,
      ...(card ? { card } : {}),
      ...(method ? { method } : {}),
    })
    if (method) return ''
    return until(`${email} has bought ${slug}`, () =>
      this.#idOf('shop_order', `checkout_id = '${checkout?.id}'`).catch(() => undefined),
    )
  }

  async #refund(orderId: string, reason: string): Promise<void> {
    await this.#asOwner(`/admin/orders/${orderId}/refund`, { reason })
  }

  async #idOf(table: string, where: string): Promise<string> {
    const [row] = await this.shop.query<{ id: string }>(
      `select id from ${table} where ${where} limit 1`,
    )
    if (!row) throw new Error(`No ${table} where ${where}.`)
    return row.id
  }

  /** Sends one of the owner's forms; gives the address it led to. */
  /** The address a mail leads to, of the newest of its kind. within: how its path begins. */
  async linkOfMail(template: string, within: string): Promise<string> {
    const [mail] = await this.shop.query<{ text: string }>(
      'select content::text as text from email_message where template = $1 order by created_at desc limit 1',
      [template],
    )
    return new RegExp(`/${within}/[\\w.-]+`).exec(mail?.text ?? '')?.[0] ?? '/'
  }

  /** A conversation below a post, with everything that becomes of comments. */
  async #haveComments(): Promise<void> {
    const post = '/posts/paper-that-survives-the-printer-at-home'
    const written = { stamp: '', answers: '', website: '' }
    await this.#asOwner(`${post}?/comment`, {
      ...written,
      body: 'What do you print on at home? I collect answers for the next version of this list.',
      formId: randomUUID(),
    })
    const [asked] = await this.shop.query<{ id: string }>('select id from comment')
    await this.#as('member', `${post}?/comment`, {
      ...written,
      body: 'Anything the corner shop has, and it survives. 90 g and above, if they have it.',
      answers: asked?.id ?? '',
      name: 'Ada Winter',
      formId: randomUUID(),
    })
    const [held] = await this.shop.query<{ id: string }>(
      `select id from comment where state = 'held'`,
    )
    await this.#asOwner('/admin/comments?/decide', {
      comment: held?.id ?? '',
      decision: 'publish',
    })
    await this.shop.query(`
      with came as (
        insert into member (email, name, created_at) values
          ('siobhan.reads@example.com', '', clock_now() - interval '400 days'),
          ('maximiliane.reads@example.com', '', clock_now() - interval '90 days'),
          ('pills@example.com', '', clock_now())
        returning id, email
      )
      insert into member_profile (member_id, handle, display_name, about, is_shown)
      select id, case when email like 'siob%' then 'siobhan-1a2b3c' when email like 'max%' then 'max-1a2b3c' else 'pills-1a2b3c' end,
        case when email like 'siob%' then 'Siobhán Ní Dhómhnaill' when email like 'max%'
          then 'Maximiliane Freifrau von Hohenstein-Brandenburg' else 'Cheap Pads' end,
        case when email like 'siob%' then 'Letterpress in a shed near Galway.
I print cards, and the names of other people’s boats.' else '' end,
        email like 'siob%' from came`)
    await this.shop.query(
      `
      with said (n, who, state, hidden_by, parent, body, hours) as (values
        (1, 'siobhan-1a2b3c', 'shown', null, null, 'The part about grain direction saved me a whole box of card stock. Thank you.

One thing to add: damp paper curls towards the heat. I let mine rest beside the printer for a day, as it says at https://example.com/notes/on-the-conditioning-of-paper-in-small-rooms-with-one-window', 30),
        (2, 'max-1a2b3c', 'shown', null, 1, 'A day? With us it takes three, right behind the dyke.', 29),
        (3, null, 'shown', null, 1, 'Same here.', 28),
        (4, null, 'deleted', null, null, '', 52),
        (5, 'siobhan-1a2b3c', 'shown', null, 4, 'I would not say so.', 51),
        (6, 'max-1a2b3c', 'held', null, null, 'My supplier, the only one I trust: https://example.com/feinpapier', 3),
        (7, 'siobhan-1a2b3c', 'hidden', 'reports', 1, 'Nobody asked you.', 2),
        (8, 'pills-1a2b3c', 'spam', null, null, 'BEST CASINO loans crypto', 1)
      ), ids as (select n, gen_random_uuid() as id from said)
      insert into comment (id, post_id, depth, parent_id, parent_depth, member_id, form_id, body, words_sha256, state, hidden_by, created_at, shown_at, edited_at)
      select i.id, (select id from post where slug = $1), case when s.parent is null then 0 else 1 end, p.id,
        case when s.parent is not null then 0 end, m.member_id, gen_random_uuid(), s.body, repeat('a', 64), s.state, s.hidden_by,
        clock_now() - s.hours * interval '1 hour', case when s.state in ('shown', 'hidden') then clock_now() end,
        case when s.n = 2 then clock_now() end
      from said s join ids i using (n) left join ids p on p.n = s.parent left join member_profile m on m.handle = s.who
      order by s.n`,
      [post.split('/').at(-1)],
    )
    await this.shop.query(
      `insert into comment_report (comment_id, member_id)
       select c.id, p.member_id from comment c, member_profile p where c.hidden_by = 'reports' and p.member_id <> c.member_id`,
    )
    await this.shop.query('update post_tally set likes = 1284')
    await this.shop.query(
      `insert into comment_tally (comment_id, likes) select id, 12 from comment where body like 'The part about grain%'`,
    )
  }

  #asOwner(path: string, fields: Readonly<Record<string, string>>): Promise<string> {
    return this.#as('owner', path, fields)
  }

  async #as(who: Who, path: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const page = await this.newPage(who)
    const cookie = await cookieOf(page)
    await page.context().close()
    const answer = await ask(this.shop.port, form(this.shop.port, path, fields, { cookie }))
    if (answer.status !== 303)
      throw new Error(`${path} was refused: ${answer.status} ${answer.text.slice(0, 400)}`)
    return String(answer.headers.location).replace(this.shop.origin, '')
  }
}
