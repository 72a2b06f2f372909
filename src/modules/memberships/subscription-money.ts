/** Where a subscription's money stands: with the shop, disputed just now, taken back by a bank, or given back. */
export type SubscriptionMoney = 'kept' | 'disputed' | 'dispute_lost' | 'refunded'

/** What the owner chose should become of a subscription with a refund. */
export type AfterRefund = 'end' | 'keep'

export interface PaidInvoice {
  readonly id: string
  readonly paidMinor: number
  /** The end of the period it pays for. */
  readonly periodEndsAt: Date | undefined
}

export interface InvoiceRefund {
  readonly invoiceId: string
  readonly amountMinor: number
  /** Its money is gone, or about to go. */
  readonly counts: boolean
  /** undefined: nobody chose; it was made at Stripe's side. */
  readonly doesThen: AfterRefund | undefined
}

export interface MoneyOfSubscription {
  readonly money: SubscriptionMoney
  /** It is to be cancelled at Stripe, so that nothing is charged for what is closed for good. */
  readonly isToEnd: boolean
}

/**
 * Where a subscription's money stands, from nothing but what was paid, what went back and what is argued about: it makes no
 * difference in which order that came. A refund alone ends nothing. It ends the subscription where the owner chose so; where nobody chose, the
 * whole money of the last paid period closes what it opened until another one is paid. An open dispute about any payment closes it, a
 * lost one ends it. invoices: those that are paid, the newest first; refunds: the oldest first.
 */
export function moneyOfSubscription(
  invoices: readonly PaidInvoice[],
  refunds: readonly InvoiceRefund[],
  disputes: readonly ('inquiry' | 'open' | 'won' | 'lost')[],
): MoneyOfSubscription {
  const gone = refunds.filter(({ counts }) => counts)
  if (gone.some(({ doesThen }) => doesThen === 'end')) return { money: 'refunded', isToEnd: true }
  if (disputes.includes('lost')) return { money: 'dispute_lost', isToEnd: true }
  if (disputes.includes('open')) return { money: 'disputed', isToEnd: false }
  const period = new Set(presentPeriod(invoices).map(({ id }) => id))
  const ofPeriod = gone.filter(({ invoiceId }) => period.has(invoiceId))
  const paidMinor = invoices
    .filter(({ id }) => period.has(id))
    .reduce((sum, one) => sum + one.paidMinor, 0)
  const goneMinor = ofPeriod.reduce((sum, one) => sum + one.amountMinor, 0)
  const isWhole = paidMinor > 0 && goneMinor >= paidMinor
  const isKept = ofPeriod.findLast(({ doesThen }) => doesThen !== undefined)?.doesThen === 'keep'
  return { money: isWhole && !isKept ? 'refunded' : 'kept', isToEnd: false }
}

/** Those that pay for the last period that was paid: of a change within it there are several. invoices: the newest first. */
export function presentPeriod<One extends PaidInvoice>(invoices: readonly One[]): One[] {
  const [latest] = invoices
  return latest
    ? invoices.filter(
        ({ periodEndsAt }) => periodEndsAt?.getTime() === latest.periodEndsAt?.getTime(),
      )
    : []
}

/** How an invoice stands whose money went back, in a word; undefined: none did. */
export function refundedWord(invoice: {
  readonly paidMinor: number
  readonly refundedMinor: number
}): 'Refunded' | 'Partly refunded' | undefined {
  if (invoice.refundedMinor <= 0) return undefined
  return invoice.refundedMinor >= invoice.paidMinor ? 'Refunded' : 'Partly refunded'
}
