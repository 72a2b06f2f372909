import type { DisputeReason } from '../engine/dispute-opening.ts'
import type { Work } from '../engine/work.ts'
import type { Fields } from './fields.ts'
import { invalidRequest } from '../api-error.ts'
import { settle } from '../engine/checkout-payment.ts'
import { expireSession } from '../engine/checkout-sessions.ts'
import { decide } from '../engine/dispute.ts'
import { DISPUTE_REASONS, openDispute } from '../engine/dispute-opening.ts'
import { markExpired } from '../engine/instruments.ts'
import type { CardFacts, PaymentMethod } from '../engine/objects/payment-method.ts'
import { warnOfFraud } from '../engine/early-fraud-warning.ts'
import { FRAUD_TYPES } from '../engine/objects/early-fraud-warning.ts'
import {
  askForInstructions,
  cancelRefund,
  failRefund,
  refundCharge,
  settleRefund,
} from '../engine/refund.ts'
import { FAILURE_REASONS, REFUND_REASONS } from '../engine/objects/refund.ts'
import { chargeToRefund } from '../engine/refunds.ts'

type Happening = (work: Work, given: Fields) => Promise<Readonly<Record<string, unknown>>>

const decideDispute =
  (deed: 'win' | 'lose' | 'escalate'): Happening =>
  async (work, given) =>
    decide(work, await work.atPath('dispute', given.needText('dispute'), 'dispute'), deed)

const fail: Happening = (work, given) =>
  failRefund(work, given.needText('refund'), oneOf(given, 'reason', FAILURE_REASONS))

/** What can be made to happen, by the event that tells of it or by what banks and sellers do. */
const HAPPENINGS: Readonly<Record<string, Happening>> = {
  'charge.dispute.created': async (work, given) =>
    openDispute(work, await chargeMeant(work, given), {
      reason: oneOf(given, 'reason', REASONS) ?? 'fraudulent',
      isInquiry: given.flag('inquiry') ?? false,
      amount: wholeNumber(given, 'amount'),
    }),
  'charge.dispute.closed': (work, given) =>
    decideDispute(oneOf(given, 'outcome', ['won', 'lost'] as const) === 'won' ? 'win' : 'lose')(
      work,
      given,
    ),
  'dispute.win': decideDispute('win'),
  'dispute.lose': decideDispute('lose'),
  'dispute.escalate': decideDispute('escalate'),
  'radar.early_fraud_warning.created': (work, given) =>
    warnOfFraud(work, given.needText('charge'), oneOf(given, 'fraud_type', FRAUD_TYPES) ?? 'misc'),
  // As in the Dashboard: nothing of the seller's program stands in its metadata.
  async 'refund.created'(work, given) {
    const charge = await chargeToRefund(work, {
      charge: given.text('charge'),
      paymentIntent: given.text('payment_intent'),
    })
    return refundCharge(work, charge, {
      amount: wholeNumber(given, 'amount'),
      metadata: {},
      reason: oneOf(given, 'reason', REFUND_REASONS) ?? null,
    })
  },
  'refund.failed': fail,
  'refund.fail': fail,
  'refund.updated': (work, given) => settleRefund(work, given.needText('refund')),
  'refund.ask': (work, given) => askForInstructions(work, given.needText('refund')),
  'refund.cancel': (work, given) => cancelRefund(work, given.needText('refund')),
  async 'checkout.session.expired'(work, given) {
    const session = await work.atPath('checkout.session', given.needText('session'), 'session')
    if (session.status !== 'open')
      throw invalidRequest(`The session is ${session.status}.`, { param: 'session' })
    return expireSession(work, session)
  },
  async 'charge.succeeded'(work, given) {
    const intent = await work.atPath(
      'payment_intent',
      given.needText('payment_intent'),
      'payment_intent',
    )
    return settle(work, intent, 'succeeded')
  },
  // A card whose month is over: it is declined from now on, and nobody is told.
  async 'payment_method.expire'(work, given) {
    const { method, card } = await cardMeant(work, given)
    await markExpired(work, method.id, true)
    const over = new Date(work.nowMs)
    over.setUTCDate(0)
    return work.put('payment_method', {
      ...method,
      card: { ...card, exp_month: over.getUTCMonth() + 1, exp_year: over.getUTCFullYear() },
    })
  },
  async 'payment_method.automatically_updated'(work, given) {
    const { method, card } = await cardMeant(work, given)
    await markExpired(work, method.id, false)
    return work.update('payment_method', 'payment_method.automatically_updated', method, {
      ...method,
      card: {
        ...card,
        exp_year: given.number('exp_year') ?? card.exp_year + 3,
      },
    })
  },
}

async function cardMeant(
  work: Work,
  given: Fields,
): Promise<{ method: PaymentMethod; card: CardFacts }> {
  const method = await work.atPath(
    'payment_method',
    given.needText('payment_method'),
    'payment_method',
  )
  if (method.card === undefined)
    throw invalidRequest('Only cards expire and are renewed by their banks.', {
      param: 'payment_method',
    })
  return { method, card: method.card }
}

/** The charge itself, or the one that paid an invoice. */
async function chargeMeant(work: Work, given: Fields): Promise<string> {
  const id = given.text('invoice')
  if (id === undefined) return given.needText('charge')
  const record = await work.atPath('_invoice', id, 'invoice')
  const intent =
    record.intent === null ? undefined : await work.get('payment_intent', record.intent)
  if (intent?.latest_charge == null)
    throw invalidRequest(`The invoice ${id} was not paid by a charge.`, { param: 'invoice' })
  return intent.latest_charge
}

// Object.keys forgets what the keys are.
const REASONS = Object.keys(DISPUTE_REASONS) as DisputeReason[]

/**
 * `{event, ...}`: makes it happen for real, object and all, so that the event follows from it. With
 * `silent` it happens and no event tells of it.
 */
export async function triggerHappening(
  work: Work,
  given: Fields,
): Promise<Readonly<Record<string, unknown>>> {
  const event = given.needText('event')
  const happening = Object.hasOwn(HAPPENINGS, event) ? HAPPENINGS[event] : undefined
  if (happening === undefined)
    throw invalidRequest(
      `${event} cannot be triggered. These can: ${Object.keys(HAPPENINGS).join(', ')}. Everything else follows from API calls and pages.`,
      { param: 'event' },
    )
  if (given.flag('silent') === true) work.keepSilent()
  return happening(work, given)
}

function oneOf<Word extends string>(
  given: Fields,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = given.text(name)
  if (text === undefined) return undefined
  const word = words.find((one) => one === text)
  if (word === undefined)
    throw invalidRequest(`${name} is one of ${words.join(', ')}.`, { param: name })
  return word
}

function wholeNumber(given: Fields, name: string): number | undefined {
  const number = given.number(name)
  if (number !== undefined && !Number.isSafeInteger(number))
    throw invalidRequest(`${name} is a whole number of minor units.`, { param: name })
  return number
}
