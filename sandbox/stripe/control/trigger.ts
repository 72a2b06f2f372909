import type { Work } from '../engine/work.ts'
import type { Fields } from './fields.ts'
import { invalidRequest } from '../api-error.ts'
import { settle } from '../engine/checkout-payment.ts'
import { expireSession } from '../engine/checkout-sessions.ts'
import { decide, openDispute } from '../engine/dispute.ts'
import { failRefund, settleRefund } from '../engine/refunds.ts'

type Happening = (work: Work, given: Fields) => Promise<Readonly<Record<string, unknown>>>

/** What can be made to happen, by the event that tells of it. */
const HAPPENINGS: Readonly<Record<string, Happening>> = {
  'charge.dispute.created': (work, given) =>
    openDispute(work, given.needText('charge'), {
      reason: given.text('reason') ?? 'fraudulent',
      networkReasonCode: '10.4',
      isInquiry: given.flag('inquiry') ?? false,
    }),
  async 'charge.dispute.closed'(work, given) {
    const outcome = given.text('outcome') ?? 'lost'
    if (outcome !== 'won' && outcome !== 'lost')
      throw invalidRequest('outcome is won or lost.', { param: 'outcome' })
    const dispute = await work.atPath('dispute', given.needText('dispute'), 'dispute')
    return decide(work, dispute, outcome === 'won' ? 'win' : 'lose')
  },
  'refund.failed': (work, given) => failRefund(work, given.needText('refund')),
  'refund.updated': (work, given) => settleRefund(work, given.needText('refund')),
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
  async 'payment_method.automatically_updated'(work, given) {
    const method = await work.atPath(
      'payment_method',
      given.needText('payment_method'),
      'payment_method',
    )
    if (method.card === undefined)
      throw invalidRequest('Only cards are renewed by their banks.', { param: 'payment_method' })
    return work.update('payment_method', 'payment_method.automatically_updated', method, {
      ...method,
      card: {
        ...method.card,
        exp_year: given.number('exp_year') ?? method.card.exp_year + 3,
      },
    })
  },
}

/** `{event, ...}`: makes it happen for real, object and all, so that the event follows from it. */
export async function triggerHappening(
  work: Work,
  given: Fields,
): Promise<Readonly<Record<string, unknown>>> {
  const event = given.needText('event')
  const happening = HAPPENINGS[event]
  if (happening === undefined)
    throw invalidRequest(
      `${event} cannot be triggered. These can: ${Object.keys(HAPPENINGS).join(', ')}. Everything else follows from API calls and pages.`,
      { param: 'event' },
    )
  return happening(work, given)
}
