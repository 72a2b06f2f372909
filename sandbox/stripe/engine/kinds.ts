import type { AccountRecord, InspectorRecord } from './account-record.ts'
import type { BalanceTransaction, LedgerRecord } from './balance.ts'
import type { Charge } from './charge.ts'
import type { Coupon, CouponRecord } from './coupons.ts'
import type { Customer } from './customer.ts'
import type { Dispute } from './dispute.ts'
import type { EarlyFraudWarning, WarningRecord } from './early-fraud-warning.ts'
import type { StripeEvent } from './events.ts'
import type { IntentRecord, PaymentIntent } from './payment-intent.ts'
import type { InstrumentRecord } from './instruments.ts'
import type { PaymentMethod } from './payment-method.ts'
import type { Price } from './price.ts'
import type { Product } from './product.ts'
import type { Refund } from './refund.ts'
import type { StoredAnswer } from './stored-answers.ts'
import type { CheckoutRecord, CheckoutSession, RecoveryRecord } from './checkout-sessions.ts'
import type { EndpointRecord, WebhookEndpoint } from './webhook-endpoints.ts'

/** An object that was deleted: it can be read, it is not listed. */
export type Deleted<Name extends string> = { id: string; object: Name; deleted: true }

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
