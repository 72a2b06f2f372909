import type { AccountRecord, InspectorRecord } from './account-record.ts'
import type { BalanceTransaction, LedgerRecord } from './objects/balance.ts'
import type { Charge } from './objects/charge.ts'
import type { CheckoutRecord, CheckoutSession, RecoveryRecord } from './objects/checkout-session.ts'
import type { Coupon, CouponRecord } from './objects/coupon.ts'
import type { Customer } from './objects/customer.ts'
import type { Dispute } from './objects/dispute.ts'
import type { EarlyFraudWarning, WarningRecord } from './objects/early-fraud-warning.ts'
import type { StripeEvent } from './events.ts'
import type { InstrumentRecord, PaymentMethod } from './objects/payment-method.ts'
import type { Deleted } from './objects/deleted.ts'
import type { IntentRecord, PaymentIntent } from './objects/payment-intent.ts'
import type { Price } from './objects/price.ts'
import type { Product } from './objects/product.ts'
import type { Refund } from './objects/refund.ts'
import type { StoredAnswer } from './stored-answers.ts'
import type { EndpointRecord, WebhookEndpoint } from './objects/webhook-endpoint.ts'

/** What is kept under each kind. Kinds with an underscore are the sandbox's own records. */
export type Kinds = {
  balance_transaction: BalanceTransaction
  charge: Charge
  'checkout.session': CheckoutSession
  coupon: Coupon
  customer: Customer | Deleted<'customer'>
  dispute: Dispute
  event: StripeEvent
  payment_intent: PaymentIntent
  payment_method: PaymentMethod
  price: Price
  product: Product | Deleted<'product'>
  'radar.early_fraud_warning': EarlyFraudWarning
  refund: Refund
  webhook_endpoint: WebhookEndpoint | Deleted<'webhook_endpoint'>
  _account: AccountRecord
  _answer: StoredAnswer
  _checkout: CheckoutRecord
  _coupon: CouponRecord
  _endpoint: EndpointRecord
  _inspector: InspectorRecord
  _instrument: InstrumentRecord
  _intent: IntentRecord
  _ledger: LedgerRecord
  _recovery: RecoveryRecord
  _warning: WarningRecord
}

export type Kind = keyof Kinds
