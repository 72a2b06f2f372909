import type { Kind } from './kinds.ts'

const KIND_OF_PREFIX: Readonly<Record<string, Kind>> = {
  bpc: 'billing_portal.configuration',
  cbtxn: 'customer_balance_transaction',
  ch: 'charge',
  clock: 'test_helpers.test_clock',
  cs: 'checkout.session',
  cus: 'customer',
  di: 'discount',
  du: 'dispute',
  evt: 'event',
  ii: 'invoiceitem',
  in: 'invoice',
  inpay: 'invoice_payment',
  issfr: 'radar.early_fraud_warning',
  pi: 'payment_intent',
  pm: 'payment_method',
  price: 'price',
  prod: 'product',
  promo: 'promotion_code',
  re: 'refund',
  seti: 'setup_intent',
  sub: 'subscription',
  txn: 'balance_transaction',
  we: 'webhook_endpoint',
}

/**
 * The kind of object an id of this sandbox's own making names, by its prefix. Undefined for ids a
 * program chose itself, and for `py_`, which may be a bank debit's charge or its refund.
 */
export function kindOfId(id: string): Kind | undefined {
  return KIND_OF_PREFIX[/^([a-z]+)_\w+$/.exec(id)?.[1] ?? '']
}
