import { formatMoment, type DateWords } from '#modules/platform/dates.ts'
import type { AfterRefund } from './subscription-money.ts'

/** What the owner reads before a payment of a subscription goes back: what becomes of the subscription. */
export function afterRefundWords(
  of: {
    readonly title: string
    readonly isLive: boolean
    /** What it opens is open right now. */
    readonly isOpen: boolean
    /** undefined: it does not renew. */
    readonly renewsAt: Date | undefined
  },
  then: AfterRefund,
  dates: DateWords,
): string {
  const { title, isLive, isOpen, renewsAt } = of
  if (!isLive) return `${title} has ended already. Nothing changes about it.`
  if (then === 'end')
    return `${title} ends at once: what it opens closes for them, it is cancelled at Stripe, and nothing more is charged.`
  const stays = isOpen
    ? `${title} stays open for them.`
    : `${title} stays as it is, closed for them right now.`
  return renewsAt
    ? `${stays} It renews as before, at ${formatMoment(renewsAt, dates)}.`
    : `${stays} It is not charged again.`
}
