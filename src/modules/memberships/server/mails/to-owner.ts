import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import type { Surplus } from '../store.subscribing.ts'

/** Somebody subscribed to what they could not: it was cancelled and their money given back. to: the owner's address. */
export function ownerSurplusMail(surplus: Surplus, to: string): OutgoingMail {
  const minor = surplus.payments.reduce((sum, { paidMinor }) => sum + paidMinor, 0)
  const who = surplus.email ?? 'Somebody'
  const why =
    surplus.reason === 'second'
      ? 'had a subscription already and paid for a second one, in another tab or at the same moment'
      : 'was still at the payment page when you disabled the plan, and paid'
  const money = minor > 0 ? ` ${formatMoney({ minor, currency: surplus.currency })} went back.` : ''
  return {
    template: 'owner_surplus_subscription',
    entityKey: surplus.id,
    to,
    subject: `A subscription was cancelled by itself`,
    content: {
      preheader: `${who}: one too many.`,
      heading: 'A subscription was cancelled by itself',
      blocks: [
        {
          kind: 'text',
          text: `${who} ${why}. That subscription was cancelled at once.${money} What they had before goes on as it was; you need not do anything.`,
        },
        {
          kind: 'button',
          label: 'Look at your subscriptions',
          url: `${runtime().settings.origin}/admin/subscriptions`,
        },
      ],
      footnote: 'You get this mail because it is your shop.',
    },
  }
}
