import type { Chaos } from '../chaos/chaos.ts'
import type { Dunning } from '../engine/account-record.ts'
import type { Collection } from '../engine/billing/invoice-collection.ts'
import type { CheckoutOutcome } from '../engine/checkout-payment.ts'
import type { RequestOrigin } from '../engine/events.ts'
import type { Delivery, RequestEntry } from '../store/store.ts'
import type { Sandbox } from '../sandbox.ts'
import type { StatsReport } from '../stats.ts'
import type { Fields } from './fields.ts'
import { invalidRequest, noSuchPathObject } from '../api-error.ts'
import { parseChaos } from '../chaos/chaos.ts'
import { USUAL_DUNNING } from '../engine/account-record.ts'
import { parseDuration } from '../durations.ts'
import { invoiceAtPath } from '../engine/billing/invoice.ts'
import { collect, conclude } from '../engine/billing/invoice-collection.ts'
import { answerForSession, paySession, settle } from '../engine/checkout-payment.ts'
import { moneyOf, needsMethod } from '../engine/session-money.ts'
import { banksOfType, debitTypeFor } from '../engine/test-banks.ts'
import { knownCard } from '../engine/instruments.ts'
import { answerAuthentication } from '../engine/payment-attempt.ts'
import { cardMethod } from '../engine/payment-method.ts'
import { EVENTS_KEPT_MS } from '../engine/event-operations.ts'
import { driftObject } from './drift.ts'
import type { KeptEndpoint } from './endpoint.ts'
import { keptEndpoints, restoreEndpoint, upsertEndpoint } from './endpoint.ts'
import { triggerHappening } from './trigger.ts'

const BY_CONTROL: RequestOrigin = { id: null, idempotencyKey: null }

const LONGEST_ADVANCE_MS = 10 * 366 * 86_400_000

export type ClockReport = { now: number; now_ms: number; offset_ms: number }

export type PayReport = {
  outcome: CheckoutOutcome['kind']
  session: string
  status: string | null
  payment_status: string
  payment_intent: string | null
  subscription: string | null
  /** Where the browser would go now. */
  url: string | null
  message?: string
  code?: string
}

/** What the control API does, for one account. In-process callers use it too. */
export class Commands {
  readonly #sandbox: Sandbox
  readonly #account: string

  constructor(sandbox: Sandbox, account: string) {
    this.#sandbox = sandbox
    this.#account = account
  }

  async clock(): Promise<ClockReport> {
    const nowMs = await this.#sandbox.store.nowMs()
    return {
      now: Math.floor(nowMs / 1000),
      now_ms: nowMs,
      offset_ms: await this.#sandbox.store.offsetMs(),
    }
  }

  /** `{advance:"8d"}`, `{advance_ms}` or `{reset:true}`; what became due is done when it answers. */
  async moveClock(given: Fields): Promise<ClockReport> {
    if (given.flag('reset') === true) {
      await this.#sandbox.scheduler.reset()
      return this.clock()
    }
    const written = given.text('advance')
    const byMs =
      given.number('advance_ms') ?? (written === undefined ? undefined : parseDuration(written))
    if (byMs === undefined)
      throw invalidRequest(
        'Say how far: {"advance":"8d"} (ms, s, m, h, d, w), {"advance_ms":1000} or {"reset":true}.',
        {
          param: 'advance',
        },
      )
    if (byMs < 0 || byMs > LONGEST_ADVANCE_MS)
      throw invalidRequest('The clock goes forward only, at most ten years at once.', {
        param: 'advance',
      })
    await this.#sandbox.advance(byMs)
    return this.clock()
  }

  async chaos(): Promise<{ chaos: Chaos; counts: Readonly<Record<string, number>> }> {
    const record = await this.#sandbox.accountRecord(this.#account)
    return {
      chaos: record.chaos,
      counts: this.#sandbox.diceOf(this.#account, record).counts,
    }
  }

  async setChaos(
    body: Readonly<Record<string, unknown>>,
  ): Promise<{ chaos: Chaos; counts: Readonly<Record<string, number>> }> {
    await this.#sandbox.setChaos(this.#account, (_before, nowMs) => parseChaos(body, nowMs))
    return this.chaos()
  }

  /** How unpaid invoices are asked for again: days from each attempt to the next, and what follows. */
  async billing(): Promise<BillingReport> {
    const { dunning } = await this.#sandbox.accountRecord(this.#account)
    return billingReport(dunning ?? USUAL_DUNNING)
  }

  /** `{retry_after_days: [3, 5], afterwards: 'cancel' | 'mark_unpaid' | 'leave_past_due'}` */
  async setBilling(given: Fields, body: Readonly<Record<string, unknown>>): Promise<BillingReport> {
    const afterwards = given.text('afterwards') ?? USUAL_DUNNING.afterwards
    if (!isAftermath(afterwards))
      throw invalidRequest('afterwards is cancel, mark_unpaid or leave_past_due.', {
        param: 'afterwards',
      })
    const days: unknown = body['retry_after_days'] ?? USUAL_DUNNING.retryAfterDays
    if (
      !Array.isArray(days) ||
      days.length > MOST_RETRIES ||
      !days.every((day): day is number => Number.isInteger(day) && day >= 1 && day <= 60)
    )
      throw invalidRequest(
        `retry_after_days is a list of at most ${MOST_RETRIES} whole numbers of days from 1 to 60.`,
        { param: 'retry_after_days' },
      )
    const dunning: Dunning = { retryAfterDays: days, afterwards }
    await this.#sandbox.change(this.#account, BY_CONTROL, async (work) => {
      work.accountRecord = { ...work.accountRecord, dunning }
    })
    this.#sandbox.forgetRecord(this.#account)
    return billingReport(dunning)
  }

  /**
   * Forgets everything of this account, with `{keep_endpoints: true}` all but its webhook endpoints.
   * The clock, which all accounts share, stays.
   */
  async reset(given: Fields): Promise<{ reset: true }> {
    const kept = given.flag('keep_endpoints') === true ? await this.#endpoints() : []
    await this.#sandbox.store.reset(this.#account)
    this.#sandbox.forget(this.#account)
    if (kept.length > 0)
      await this.#sandbox.change(this.#account, BY_CONTROL, async (work) => {
        for (const one of kept) restoreEndpoint(work, one)
      })
    return { reset: true }
  }

  async #endpoints(): Promise<readonly KeptEndpoint[]> {
    const reading = await this.#sandbox.reading(this.#account)
    return keptEndpoints(reading)
  }

  async snapshot(): Promise<{ id: string; taken_at_ms: number }> {
    const id = `snap_${this.#sandbox.requestId().slice('req_'.length)}`
    const snapshot = await this.#sandbox.store.snapshot(this.#account, id)
    return { id: snapshot.id, taken_at_ms: snapshot.takenAtMs }
  }

  async restore(given: Fields): Promise<{ restored: string }> {
    const id = given.needText('id')
    if (!(await this.#sandbox.store.restore(this.#account, id)))
      throw noSuchPathObject('snapshot', id, 'id')
    this.#sandbox.forget(this.#account)
    this.#sandbox.dispatcher.wake()
    return { restored: id }
  }

  async deliveries(given: Fields): Promise<{ data: readonly Delivery[] }> {
    const status = given.text('status')
    if (status !== undefined && !isStatus(status))
      throw invalidRequest('status is pending, succeeded, failed or dropped.', { param: 'status' })
    return {
      data: await this.#sandbox.store.deliveries(this.#account, {
        limit: limitOf(given),
        status,
        held: given.flag('held'),
        event: given.text('event'),
        endpoint: given.text('endpoint'),
      }),
    }
  }

  /** Sends the event of a delivery (or of an event's every endpoint) once more. */
  async redeliver(id: string): Promise<{ deliveries: readonly string[] }> {
    const targets = id.startsWith('evt_')
      ? await this.#sandbox.store.deliveries(this.#account, { limit: 100, event: id })
      : [await this.#sandbox.store.delivery(this.#account, id)]
    const known = targets.filter((one): one is Delivery => one !== undefined)
    if (known.length === 0) throw noSuchPathObject('delivery', id, 'id')
    const seen = new Set<string>()
    const again: string[] = []
    await this.#sandbox.inUnit(this.#account, [], async (unit) => {
      for (const old of known) {
        if (seen.has(old.endpoint)) continue
        seen.add(old.endpoint)
        const next = `dlv_${this.#sandbox.requestId().slice('req_'.length)}`
        unit.deliver({
          ...old,
          id: next,
          status: 'pending',
          held: false,
          createdMs: unit.nowMs,
          nextAtMs: unit.nowMs,
          attempts: [],
          faults: [],
          cause: 'redelivery',
        })
        again.push(next)
      }
    })
    return { deliveries: again }
  }

  /** Keeps back every delivery from now on. */
  async hold(): Promise<{ holding: true }> {
    await this.#setHold(true)
    return { holding: true }
  }

  /** Lets what was kept back go, and keeps nothing back any more. */
  async release(): Promise<{ released: number }> {
    await this.#setHold(false)
    const released = await this.#sandbox.store.release(
      this.#account,
      await this.#sandbox.store.nowMs(),
    )
    this.#sandbox.dispatcher.wake()
    return { released }
  }

  async #setHold(hold: boolean): Promise<void> {
    await this.#sandbox.setChaos(this.#account, (chaos) => ({
      ...chaos,
      deliveries: { ...chaos.deliveries, hold },
    }))
  }

  /** `{url, secret?, enabled_events?, name?}`: the endpoint of that name or address, as given. */
  async putEndpoint(
    given: Fields,
  ): Promise<{ id: string; url: string; secret: string; created: boolean }> {
    return this.#sandbox.change(this.#account, BY_CONTROL, (work) =>
      upsertEndpoint(work, {
        url: given.needText('url'),
        secret: given.text('secret'),
        enabledEvents: given.texts('enabled_events') ?? ['*'],
        name: given.text('name'),
      }),
    )
  }

  /**
   * Pays a checkout session as a buyer would on its page: `{session, card?, method?, email?, name?,
   * country?, authenticate?}`. With `authenticate` 'complete' or 'fail' 3D Secure is answered too.
   */
  async pay(given: Fields): Promise<PayReport> {
    const id = given.needText('session')
    const how = given.text('method') ?? 'card'
    if (how !== 'card' && how !== 'bank_debit')
      throw invalidRequest('method is card or bank_debit.', { param: 'method' })
    const authenticate = authenticationOf(given)
    const outcome = await this.#sandbox.change(this.#account, BY_CONTROL, async (work) => {
      const session = await work.atPath('checkout.session', id, 'session')
      const type = how === 'card' ? 'card' : debitTypeFor(moneyOf(session).currency)
      if (needsMethod(session) && !session.payment_method_types.includes(type))
        throw invalidRequest(`The session does not take ${type}.`, { param: 'method' })
      const year = new Date(work.nowMs).getUTCFullYear() + 4
      const bank = banksOfType(debitTypeFor(moneyOf(session).currency))[0]
      if (bank === undefined) throw new Error('There is no test bank')
      const paid = await paySession(work, session, {
        email: given.text('email') ?? 'buyer@example.com',
        name: given.text('name') ?? 'Test Buyer',
        address: {
          city: null,
          country: given.text('country') ?? 'US',
          line1: null,
          line2: null,
          postal_code: null,
          state: null,
        },
        method: !needsMethod(session)
          ? null
          : how === 'card'
            ? {
                card: knownCard(cardNumber(given)),
                expMonth: 12,
                expYear: year,
              }
            : { bank },
      })
      if (paid.kind !== 'authenticate' || authenticate === undefined) return paid
      return answerForSession(work, paid.session, paid.waiting, authenticate === 'complete')
    })
    return payReport(outcome)
  }

  /** Pays an open invoice as its payer would on its page: `{invoice, card?, authenticate?}`. */
  async payInvoice(given: Fields): Promise<PayInvoiceReport> {
    const id = given.needText('invoice')
    const authenticate = authenticationOf(given)
    return this.#sandbox.change(this.#account, BY_CONTROL, async (accountWork) => {
      const invoice = await invoiceAtPath(accountWork, id)
      if (invoice.status !== 'open' && invoice.status !== 'uncollectible')
        throw invalidRequest(`The invoice is ${invoice.status}.`, { param: 'invoice' })
      const work = await accountWork.onClock(invoice.test_clock)
      const method = cardMethod(work, knownCard(cardNumber(given)))
      let paid = await collect(work, invoice, { method, isScheduled: false })
      const { intent: waiting } = await work.named('_invoice', id, 'invoice')
      if (paid.result === 'requires_action' && waiting !== null && authenticate !== undefined) {
        const intent = await work.named('payment_intent', waiting, 'invoice')
        const outcome = await answerAuthentication(work, intent, authenticate === 'complete')
        paid = await conclude(work, id, outcome)
      }
      return {
        outcome: paid.result,
        invoice: id,
        status: paid.invoice.status,
        ...(paid.error === undefined ? {} : { message: paid.error.message }),
      }
    })
  }

  /** `{session | payment_intent, outcome}`: a bank debit comes to its end now. */
  async settleAsync(given: Fields): Promise<{ payment_intent: string; status: string }> {
    const outcome = given.needText('outcome')
    if (outcome !== 'succeeded' && outcome !== 'failed')
      throw invalidRequest('outcome is succeeded or failed.', { param: 'outcome' })
    return this.#sandbox.change(this.#account, BY_CONTROL, async (work) => {
      const sessionId = given.text('session')
      const session =
        sessionId === undefined
          ? undefined
          : await work.atPath('checkout.session', sessionId, 'session')
      const intentId =
        session === undefined ? given.needText('payment_intent') : session.payment_intent
      const intent = await work.atPath('payment_intent', intentId ?? '', 'payment_intent')
      if (intent.status !== 'processing')
        throw invalidRequest(
          `The payment is ${intent.status}, not processing; there is nothing to settle.`,
          { param: 'session' },
        )
      const settled = await settle(work, intent, outcome)
      return { payment_intent: settled.id, status: settled.status }
    })
  }

  /** Makes something happen that no API call can: see `trigger.ts`. */
  async trigger(given: Fields): Promise<Readonly<Record<string, unknown>>> {
    return this.#sandbox.change(this.#account, BY_CONTROL, (work) => triggerHappening(work, given))
  }

  /** `{object: id, changes: {...}}`: changes an object silently, with no event. */
  async drift(body: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    return this.#sandbox.change(this.#account, BY_CONTROL, (work) => driftObject(work, body))
  }

  async stats(): Promise<
    StatsReport & { chaos: Readonly<Record<string, number>>; events_kept_days: number }
  > {
    const record = await this.#sandbox.accountRecord(this.#account)
    return {
      ...this.#sandbox.stats(this.#account).report(),
      chaos: this.#sandbox.diceOf(this.#account, record).counts,
      events_kept_days: EVENTS_KEPT_MS / 86_400_000,
    }
  }

  async requests(given: Fields): Promise<{ data: readonly RequestEntry[] }> {
    await this.#sandbox.flushLog()
    return { data: await this.#sandbox.store.requests(this.#account, limitOf(given)) }
  }
}

export type BillingReport = {
  retry_after_days: readonly number[]
  afterwards: Dunning['afterwards']
}

export type PayInvoiceReport = {
  outcome: Collection['result']
  invoice: string
  status: string
  message?: string
}

function authenticationOf(given: Fields): 'complete' | 'fail' | undefined {
  const answer = given.text('authenticate')
  if (answer === undefined || answer === 'complete' || answer === 'fail') return answer
  throw invalidRequest('authenticate is complete or fail.', { param: 'authenticate' })
}

function cardNumber(given: Fields): string {
  return (given.text('card') ?? '4242424242424242').replaceAll(/\s/g, '')
}

const MOST_RETRIES = 12

function billingReport(dunning: Dunning): BillingReport {
  return { retry_after_days: dunning.retryAfterDays, afterwards: dunning.afterwards }
}

function isAftermath(text: string): text is Dunning['afterwards'] {
  return ['cancel', 'mark_unpaid', 'leave_past_due'].includes(text)
}

function payReport(outcome: CheckoutOutcome): PayReport {
  const { session } = outcome
  return {
    outcome: outcome.kind,
    session: session.id,
    status: session.status,
    payment_status: session.payment_status,
    payment_intent: session.payment_intent,
    subscription: session.subscription,
    url:
      outcome.kind === 'authenticate'
        ? outcome.url
        : session.status === 'complete'
          ? session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id)
          : session.url,
    ...(outcome.kind === 'declined' ? { message: outcome.message, code: outcome.code } : {}),
  }
}

function limitOf(given: Fields): number {
  const limit = given.number('limit') ?? 100
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
    throw invalidRequest('limit is from 1 to 1000.', { param: 'limit' })
  return limit
}

function isStatus(text: string): text is Delivery['status'] {
  return ['pending', 'succeeded', 'failed', 'dropped'].includes(text)
}
