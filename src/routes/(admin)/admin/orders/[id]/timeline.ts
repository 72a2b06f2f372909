import { explainEntitlement } from '#modules/entitlements/reasons.ts'
import type { EntitlementEvent } from '#modules/entitlements/types.ts'
import type { Order } from '#modules/orders/types.ts'
import { disputeReasonWords } from '#modules/payments/dispute-words.ts'
import { disputeStanding } from '#modules/payments/dispute.ts'
import type { RefundState } from '#modules/payments/types.ts'
import { formatMoney } from '#modules/platform/money.ts'

export interface Happening {
  readonly at: Date
  readonly words: string
  /** Why, or what made it so. */
  readonly detail: string | undefined
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet'
}

export interface OrderRecord {
  readonly order: Pick<Order, 'placedAt' | 'totalMinor' | 'currency' | 'email'>
  readonly paidBy: string | undefined
  readonly refunds: readonly {
    readonly amountMinor: number
    readonly currency: string
    readonly state: RefundState
    readonly reason: string
    readonly failure: string | undefined
    readonly createdAt: Date
    readonly updatedAt: Date
  }[]
  readonly disputes: readonly {
    readonly state: string
    readonly reason: string
    readonly createdAt: Date
    readonly updatedAt: Date
  }[]
  /** With the title of what each is about. */
  readonly entitlements: readonly (EntitlementEvent & { readonly title: string })[]
  readonly mails: readonly {
    readonly template: string
    readonly to: string
    readonly state: string
    readonly createdAt: Date
    readonly sentAt: Date | undefined
    readonly lastError: string | undefined
  }[]
}

/** Everything that happened to an order, oldest first; of one instant in the order in which it was caused. locale: BCP 47. */
export function timelineOf(record: OrderRecord, locale: string): readonly Happening[] {
  const money = (minor: number, currency: string) => formatMoney({ minor, currency }, locale)
  const { order } = record
  const happenings: Happening[] = [
    {
      at: order.placedAt,
      words: `${money(order.totalMinor, order.currency)} paid`,
      detail: record.paidBy,
      tone: 'good',
    },
    ...record.entitlements.map(entitlementHappening),
    ...record.refunds.flatMap((refund) => refundHappenings(refund, money)),
    ...record.disputes.flatMap(disputeHappenings),
    ...record.mails.map(mailHappening),
  ]
  // Sorting is stable: what belongs to one moment keeps the order of the lists above.
  return happenings.toSorted((one, other) => one.at.getTime() - other.at.getTime())
}

const actors = {
  owner: 'by you',
  member: 'by the buyer',
  system: 'by the shop itself',
  stripe: 'as Stripe reported',
} as const satisfies Readonly<Record<EntitlementEvent['actor'], string>>

/** What made the shop look: the words that payments notes as cause. */
const causes: Readonly<Record<string, string>> = {
  'return page': 'when the buyer came back from paying',
  sweep: 'when the shop asked by itself',
}

function entitlementHappening(event: OrderRecord['entitlements'][number]): Happening {
  const { cause } = event
  const what = cause?.startsWith('refund ') ? 'to your refund' : cause
  const why = [actors[event.actor], what && (causes[what] ?? (what === cause ? `(${what})` : what))]
    .filter(Boolean)
    .join(' ')
  switch (event.state) {
    case 'active':
      return { at: event.at, words: `${event.title} opens`, detail: why, tone: 'good' }
    case 'pending':
      return { at: event.at, words: `${event.title} is being prepared`, detail: why, tone: 'quiet' }
    case 'suspended':
    case 'revoked':
    case 'expired': {
      const { title } = explainEntitlement(event.state, event.reason)
      const words =
        event.state === 'suspended'
          ? `${event.title} is locked for now`
          : `${event.title} no longer opens`
      return {
        at: event.at,
        words,
        detail: `${title}, ${why}`,
        tone: event.state === 'suspended' ? 'warn' : 'bad',
      }
    }
  }
}

function refundHappenings(
  refund: OrderRecord['refunds'][number],
  money: (minor: number, currency: string) => string,
): Happening[] {
  const amount = money(refund.amountMinor, refund.currency)
  const asked: Happening = {
    at: refund.createdAt,
    words: `Refund of ${amount} noted`,
    detail: refund.reason || undefined,
    tone: 'quiet',
  }
  const told = (words: string, tone: Happening['tone'], detail?: string): Happening[] => [
    asked,
    { at: refund.updatedAt, words, detail, tone },
  ]
  switch (refund.state) {
    case 'requested':
      return [asked]
    case 'pending':
    case 'requires_action':
      return told(`${amount} on its way back`, 'quiet')
    case 'succeeded':
      return told(`${amount} returned`, 'quiet')
    case 'failed':
      return told(`Refund of ${amount} failed`, 'bad', refund.failure)
    case 'canceled':
      return told(`Refund of ${amount} was called off`, 'warn', refund.failure)
  }
}

function disputeHappenings(dispute: OrderRecord['disputes'][number]): Happening[] {
  const opened: Happening = {
    at: dispute.createdAt,
    words:
      disputeStanding(dispute.state) === 'inquiry'
        ? 'The buyer’s bank asks about the payment'
        : 'The buyer disputes the payment',
    detail: disputeReasonWords(dispute.reason),
    tone: 'bad',
  }
  switch (disputeStanding(dispute.state)) {
    case 'won':
      return [
        opened,
        { at: dispute.updatedAt, words: 'The dispute was won', detail: undefined, tone: 'good' },
      ]
    case 'lost':
      return [
        opened,
        { at: dispute.updatedAt, words: 'The dispute was lost', detail: undefined, tone: 'bad' },
      ]
    case 'inquiry':
    case 'open':
      return [opened]
  }
}

const mailNames: Readonly<Record<string, string>> = {
  receipt: 'Receipt',
  refund: 'Notice of the refund',
  payment_waiting: 'Notice that the bank payment is awaited',
  refund_failed: 'Notice that the refund failed',
  gift: 'The gift',
  gift_taken: 'Notice that the gift was taken',
  order_moved: 'Notice that the order was moved away',
  order_gained: 'Notice that the order was moved here',
}

function mailHappening(mail: OrderRecord['mails'][number]): Happening {
  const name = mailNames[mail.template] ?? 'Mail'
  if (mail.state === 'sent')
    return {
      at: mail.sentAt ?? mail.createdAt,
      words: `${name} mailed`,
      detail: mail.to,
      tone: 'quiet',
    }
  return mail.state === 'failed'
    ? {
        at: mail.createdAt,
        words: `${name} could not be delivered to ${mail.to}`,
        detail: mail.lastError,
        tone: 'bad',
      }
    : {
        at: mail.createdAt,
        words: `${name} waits to be sent to ${mail.to}`,
        detail: mail.lastError,
        tone: 'warn',
      }
}
