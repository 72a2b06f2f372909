import type { CheckoutSession } from './objects/checkout-session.ts'

/** What a session is about in money, minor units; nothing where it only saves a card. */
export function moneyOf(session: CheckoutSession): {
  currency: string
  subtotal: number
  discount: number
  total: number
} {
  return {
    currency: session.currency ?? 'usd',
    subtotal: session.amount_subtotal ?? 0,
    discount: session.total_details?.amount_discount ?? 0,
    total: session.amount_total ?? 0,
  }
}

/** Whether the buyer has to give a card or a bank account. */
export function needsMethod(session: CheckoutSession): boolean {
  if (session.mode === 'setup') return true
  if (moneyOf(session).total > 0) return true
  return session.mode === 'subscription' && session.payment_method_collection === 'always'
}
