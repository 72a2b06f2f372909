import {
  isActionFailure,
  isHttpError,
  isRedirect,
  type Cookies,
  type RequestEvent,
} from '@sveltejs/kit'
import { sql } from 'kysely'
import type Stripe from 'stripe'
import { answerWebhook } from '#boot/server/webhook.ts'
import { deliverMail, sweepMail } from '#modules/notifications/server/index.ts'
import {
  forgetBackend,
  orderPath,
  pollEvents,
  startWorker,
  stopWorker,
  sweepPayments,
} from '#modules/payments/server/index.ts'
import { db, now, runtime } from '#modules/platform/server/index.ts'
import { POST as pressBuy } from '../../src/routes/buy/+server.ts'
import { load as returnPage } from '../../src/routes/checkout/[id]/+page.server.ts'
import { actions as refundActions } from '../../src/routes/(admin)/admin/orders/[id]/refund/+page.server.ts'
import {
  fulfilledOnce,
  outcomeOf,
  passTimeEverywhere,
  stripeItself,
  type Money,
  type TestProduct,
} from '../money.ts'
import { actorIn, type TestBrowser } from '../people.ts'
import { until } from '../until.ts'
import { untouched, type Act } from './outside-calls.ts'
import type { SmtpSink } from './smtp-sink.ts'

// The three ways of the money, from a person's press of a button to the last mail, each with a fault in it and then without:
// what a person sees, what is left afterwards, and what they find when they do the same again.

export interface Stage {
  readonly money: Money
  readonly sink: SmtpSink
  readonly product: TestProduct
  readonly owner: TestBrowser
}

export interface Path {
  readonly name: string
  /** Goes the whole way within the act and afterwards. Returns what is not as it must be, in words; [] = all is well. */
  go(stage: Stage, act: Act): Promise<string[]>
}

let buyers = 0

export const checkout: Path = {
  name: 'checkout',
  async go(stage, act) {
    const buyer = new Buyer(stage)
    const problems: string[] = []
    let pressed = await act.run(() => buyer.press())
    if (pressed.kind !== 'sent to pay') {
      // The same form again, when the fault is over: it works.
      act.end()
      problems.push(...wordsMissing('the buyer who pressed "Buy"', pressed))
      if ((await buyer.paidSessions()) > 0) problems.push('something was charged before paying')
      pressed = await buyer.press()
    }
    if (pressed.kind !== 'sent to pay') return [`pressed again: ${JSON.stringify(pressed)}`]
    const sale = await buyer.pay(pressed.to)
    const page = await act.run(() => buyer.look(sale))
    act.end()
    if (page.kind !== 'page') problems.push(...wordsMissing('the buyer who came back', page))
    await settle(stage, [])
    const again = await buyer.look(sale)
    if (again.kind !== 'page' || again.state !== 'paid')
      problems.push(`the page of the purchase says ${JSON.stringify(again)}`)
    return [...problems, ...(await wentWell(stage, buyer, sale))]
  },
}

export const webhook: Path = {
  name: 'webhook',
  async go(stage, act) {
    const buyer = new Buyer(stage)
    const pressed = await buyer.press()
    if (pressed.kind !== 'sent to pay') return [`nothing was sold: ${JSON.stringify(pressed)}`]
    const sale = await buyer.pay(pressed.to)
    const refused = await act.run(async () => {
      const putOff = await deliver(await untouched(() => eventsOf(sale)))
      await work(act)
      await deliverMails()
      return putOff
    })
    act.end()
    await settle(stage, refused)
    return wentWell(stage, buyer, sale)
  },
}

export const refund: Path = {
  name: 'refund',
  async go(stage, act) {
    const buyer = new Buyer(stage)
    const pressed = await buyer.press()
    if (pressed.kind !== 'sent to pay') return [`nothing was sold: ${JSON.stringify(pressed)}`]
    const sale = await buyer.pay(pressed.to)
    const before = await eventsOf(sale)
    await settle(stage, await deliver(before))
    const order = await db()
      .selectFrom('shop_order')
      .innerJoin('order_line', 'order_line.order_id', 'shop_order.id')
      .select(['shop_order.id', 'order_line.id as lineId'])
      .where('checkout_id', '=', sale.checkoutId)
      .executeTakeFirstOrThrow()
    // Days of the shop's clock pass between two runs; the owner has just proven to be the owner.
    await sql`update member_session set proven_at = clock_now(), renewed_at = clock_now(), expires_at = clock_now() + interval '30 days'`.execute(
      db(),
    )
    const problems: string[] = []
    const answer = await act.run(() => giveBack(stage, order))
    const isDone = answer.kind === 'led' && /notice=refund/.test(answer.to)
    if (!isDone) {
      act.end()
      problems.push(...wordsMissing('the owner', answer))
      const again = await giveBack(stage, order)
      if (again.kind !== 'led' || !/notice=refund/.test(again.to))
        problems.push(`the same form again: ${JSON.stringify(again)}`)
    }
    const seen = new Set(before.map((event) => event.id))
    const refused = await act.run(async () => {
      const putOff = await deliver(
        (await untouched(() => eventsOf(sale))).filter((event) => !seen.has(event.id)),
      )
      await work(act)
      await deliverMails()
      return putOff
    })
    act.end()
    await settle(stage, refused)
    return [...problems, ...(await wasGivenBack(stage, sale, order.id))]
  },
}

// ---- people ----

interface Sale {
  readonly checkoutId: string
  readonly sessionId: string
  readonly intent: string
  readonly email: string
}

/** What a person sees. */
type Seen =
  | { readonly kind: 'sent to pay'; readonly to: string }
  | { readonly kind: 'led'; readonly to: string }
  | { readonly kind: 'refused'; readonly status: number; readonly words: string }
  | { readonly kind: 'page'; readonly state: string }
  /** Thrown past the route: the page for errors, whose words are the same for all. */
  | { readonly kind: 'error page'; readonly error: string }

/** A refusal tells in words what is so; the page for errors does that for everything nobody thought of. */
function wordsMissing(who: string, seen: Seen): string[] {
  if (seen.kind === 'error page') return []
  if (seen.kind === 'refused' && seen.status >= 500 && seen.words.length > 20) return []
  return [`${who} sees ${JSON.stringify(seen)}`]
}

async function seenBy(work: () => Promise<unknown>): Promise<Seen> {
  try {
    const page = (await work()) as { state?: string } | undefined
    if (isActionFailure(page))
      return { kind: 'refused', status: page.status, words: JSON.stringify(page.data) }
    return { kind: 'page', state: page?.state ?? '' }
  } catch (thrown) {
    if (isRedirect(thrown)) {
      const isPayment = /\/c\/pay\/|\/pay\/cs_|cs_/.test(thrown.location)
      return { kind: isPayment ? 'sent to pay' : 'led', to: thrown.location }
    }
    if (isHttpError(thrown))
      return { kind: 'refused', status: thrown.status, words: thrown.body.message }
    return { kind: 'error page', error: String(thrown) }
  }
}

/** Somebody with a browser of their own. */
class Buyer {
  readonly #kept = new Map<string, string>()
  readonly #number = ++buyers
  readonly #stage: Stage

  constructor(stage: Stage) {
    this.#stage = stage
  }

  get email(): string {
    return `buyer${this.#number}@example.com`
  }

  press(): Promise<Seen> {
    const { productId, priceId } = this.#stage.product
    return seenBy(async () => {
      await pressBuy(this.#request('/buy', { product: productId, price: priceId }) as never)
    })
  }

  /** Pays the session one was sent to. */
  async pay(url: string): Promise<Sale> {
    const sessionId = /cs_[A-Za-z0-9_]+/.exec(url)?.[0] ?? ''
    const paid = await this.#stage.money.sandbox.control.pay({
      session: sessionId,
      email: this.email,
    })
    const session = await stripeItself().checkout.sessions.retrieve(sessionId)
    return {
      checkoutId: session.client_reference_id ?? '',
      sessionId,
      intent: paid.payment_intent ?? '',
      email: this.email,
    }
  }

  look(sale: Sale): Promise<Seen> {
    return seenBy(() =>
      Promise.resolve(
        returnPage({
          ...this.#request(orderPath(sale.checkoutId)),
          params: { id: sale.checkoutId },
          depends: () => undefined,
        } as never),
      ),
    )
  }

  /** Sessions of this buyer's checkouts that money came for, at Stripe. */
  async paidSessions(): Promise<number> {
    const visitor = this.#kept.get('visitor')
    if (visitor === undefined) return 0
    const rows = await db()
      .selectFrom('checkout')
      .select('id')
      .where('visitor', '=', visitor)
      .execute()
    const ours = new Set(rows.map((row) => row.id))
    const { data } = await stripeItself().checkout.sessions.list({ limit: 20 })
    return data.filter(
      (session) => ours.has(session.client_reference_id ?? '') && session.payment_status === 'paid',
    ).length
  }

  /** How the other checkouts of this browser stand, here and at Stripe. */
  async leftovers(sale: Sale): Promise<string[]> {
    const rows = await db()
      .selectFrom('checkout')
      .select(['id', 'state'])
      .where('visitor', '=', this.#kept.get('visitor') ?? '')
      .where('id', '<>', sale.checkoutId)
      .execute()
    return rows
      .filter(({ state }) => state !== 'expired' && state !== 'failed')
      .map(({ id, state }) => `checkout ${id} of the same buyer is left ${state}`)
  }

  #request(path: string, fields?: Readonly<Record<string, string>>): Partial<RequestEvent> {
    const url = new URL(path, runtime().settings.origin)
    const kept = this.#kept
    const cookies = {
      get: (name: string) => kept.get(name),
      set: (name: string, value: string) => void kept.set(name, value),
      delete: (name: string) => void kept.delete(name),
    } as unknown as Cookies // the routes use nothing else of them
    return {
      url,
      cookies,
      request: new Request(url, fields && { method: 'POST', body: new URLSearchParams(fields) }),
      locals: { network: networkOfBuyer(this.#number), actor: undefined } as RequestEvent['locals'],
    }
  }
}

/** Each buyer comes from an address of their own, however many there are. */
function networkOfBuyer(number: number): string {
  return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
}

/** The owner sends the form that gives one line's money back. */
async function giveBack(
  stage: Stage,
  order: { readonly id: string; readonly lineId: string },
): Promise<Seen> {
  const url = new URL(`/admin/orders/${order.id}/refund`, runtime().settings.origin)
  return seenBy(async () => {
    const actor = await actorIn(stage.owner)
    return refundActions.default?.({
      url,
      params: { id: order.id },
      cookies: stage.owner,
      locals: { network: '203.0.113.250', actor },
      request: new Request(url, {
        method: 'POST',
        body: new URLSearchParams({
          of: 'lines',
          [`amount_${order.lineId}`]: '12',
          reason: 'Bought by mistake',
          expected: '1200',
        }),
      }),
    } as never)
  })
}

// ---- Stripe's side, and the shop's own rounds ----

async function eventsOf(sale: Sale): Promise<Stripe.Event[]> {
  const { data } = await stripeItself().events.list({ limit: 100 })
  return data
    .filter((event) => JSON.stringify(event).includes(sale.intent || sale.sessionId))
    .toReversed()
}

/** Brings events to the shop's door, signed; returns those that were not taken: Stripe brings them again. */
async function deliver(events: readonly Stripe.Event[]): Promise<Stripe.Event[]> {
  const refused: Stripe.Event[] = []
  for (const event of events) {
    const payload = JSON.stringify(event)
    const signature = stripeItself().webhooks.generateTestHeaderString({
      payload,
      secret: runtime().sandbox?.webhookSecret ?? '',
    })
    const { status } = await answerWebhook(Buffer.from(payload), signature, 'delivery')
    if (status !== 200) refused.push(event)
  }
  return refused
}

/** Lets the worker work until nothing is due, or, within an act, until something failed. */
async function work(act?: Act): Promise<void> {
  startWorker()
  const isIdle = async () => {
    const { rows } = await sql<{ busy: boolean }>`
      select exists (select from stripe_event where state = 'pending' and next_attempt_at <= clock_now())
        or exists (select from sync_lease where leased_until > machine_now()) as busy`.execute(db())
    return rows[0]?.busy === false
  }
  const wait = () =>
    until('the inbox is worked off', async () => act?.struck !== undefined || (await isIdle()))
  await untouched(wait)
  await stopWorker()
}

/** What the queue's worker does, without its pauses: each waiting mail once. */
async function deliverMails(): Promise<void> {
  const { rows } = await untouched(() =>
    sql<{ id: string; data: { mailId: string } }>`
      select id, data from pgboss.job where name = ${deliverMail.name} and state < 'completed' order by created_on
    `.execute(db()),
  )
  for (const job of rows) {
    try {
      await deliverMail.handle(job.data)
    } catch {
      continue // the queue keeps it and tries again
    }
    await untouched(() => sql`delete from pgboss.job where id = ${job.id}::uuid`.execute(db()))
  }
}

const minuteMs = 60_000
/** Enough for a session to run out, in the end, that nobody was sent to. */
const pauses = [10, 10, 60, 60, 60].map((minutes) => minutes * minuteMs)

/** Everything that repairs by itself, as time goes by: Stripe's repeats, the worker, the queue, the polls and the sweeps. */
async function settle(stage: Stage, refused: readonly Stripe.Event[]): Promise<void> {
  forgetBackend()
  let waiting = refused
  for (const pause of [...pauses, undefined]) {
    // What died let go: instead of waiting for its leases to run out.
    await sql`update sync_lease set leased_until = '-infinity'`.execute(db())
    await sql`update email_message set leased_until = '-infinity' where leased_until is not null`.execute(
      db(),
    )
    waiting = await deliver(waiting)
    await work()
    await pollEvents(await now(db('money')))
    await sweepPayments()
    await work()
    await sweepMail()
    await deliverMails()
    if (pause === undefined || (await isSettled())) return
    await passTimeEverywhere(stage.money, pause)
  }
}

async function isSettled(): Promise<boolean> {
  const { rows } = await sql<{ waits: boolean }>`
    select exists (select from stripe_event where state not in ('done', 'ignored'))
      or exists (select from checkout where state in ('open', 'awaiting_payment'))
      or exists (select from email_message where state <> 'sent')
      or exists (select from refund where state in ('requested', 'pending')) as waits`.execute(db())
  return rows[0]?.waits === false
}

// ---- what must be so in the end ----

async function wentWell(stage: Stage, buyer: Buyer, sale: Sale): Promise<string[]> {
  const problems = await buyer.leftovers(sale)
  const outcome = await outcomeOf(sale.checkoutId)
  if (JSON.stringify(outcome) !== JSON.stringify(fulfilledOnce))
    problems.push(`the sale is ${JSON.stringify(outcome)}`)
  const paid = await buyer.paidSessions()
  if (paid !== 1) problems.push(`paid ${paid} times`)
  return [
    ...problems,
    ...mailProblems(stage, sale.email, /order|receipt|purchase|thank/i),
    ...(await loose()),
  ]
}

async function wasGivenBack(stage: Stage, sale: Sale, orderId: string): Promise<string[]> {
  const problems: string[] = []
  const atStripe = await stripeItself().refunds.list({ payment_intent: sale.intent })
  const amounts = atStripe.data.map((one) => one.amount)
  if (JSON.stringify(amounts) !== '[1200]')
    problems.push(`refunds at Stripe: ${JSON.stringify(amounts)}`)
  const { rows } = await sql<{ refunded: number; succeeded: number; open: number; acts: number }>`
    select o.refunded_minor::int as refunded,
      (select count(*)::int from refund r join payment p on p.id = r.payment_id where p.checkout_id = o.checkout_id and r.state = 'succeeded') as succeeded,
      (select count(*)::int from entitlement e join order_line l on l.id = e.source_id where l.order_id = o.id and e.state = 'active') as open,
      (select count(*)::int from audit_entry where action = 'order.refund_requested' and subject_id = o.id::text) as acts
    from shop_order o where o.id = ${orderId}`.execute(db())
  const expected = { refunded: 1200, succeeded: 1, open: 0, acts: 1 }
  if (JSON.stringify(rows[0]) !== JSON.stringify(expected))
    problems.push(`the order is ${JSON.stringify(rows[0])}`)
  return [...problems, ...mailProblems(stage, sale.email, /refund|back/i), ...(await loose())]
}

/** One mail for one thing; after a lost answer one copy more, with the same Message-ID. */
function mailProblems(stage: Stage, to: string, subject: RegExp): string[] {
  const mails = stage.sink.mails.filter((mail) => mail.to === to && subject.test(mail.subject))
  const different = new Set(mails.map((mail) => mail.messageId)).size
  return different === 1 && mails.length <= 2
    ? []
    : [`mails to ${to}: ${JSON.stringify(stage.sink.mails.filter((mail) => mail.to === to))}`]
}

/** What still waits although everything had its time. */
async function loose(): Promise<string[]> {
  const { rows } = await sql<{ words: string }>`
    select 'event ' || id || ' is ' || state || ': ' || coalesce(last_error, '') as words from stripe_event where state not in ('done', 'ignored')
    union all select 'checkout ' || id || ' is ' || state from checkout where state in ('open', 'awaiting_payment')
    union all select 'mail ' || id || ' is ' || state from email_message where state <> 'sent'
    union all select 'refund ' || id || ' is ' || state from refund where state = 'requested'`.execute(
    db(),
  )
  return rows.map((row) => row.words)
}
