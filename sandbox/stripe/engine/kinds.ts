import type { AccountRecord, InspectorRecord } from './account-record.ts'
import type { BalanceTransaction, LedgerRecord } from './objects/balance.ts'
import type { Charge } from './objects/charge.ts'
import type { CheckoutRecord, CheckoutSession, RecoveryRecord } from './objects/checkout-session.ts'
import type { Coupon, CouponRecord } from './objects/coupon.ts'
import type { Customer } from './objects/customer.ts'
import type { CustomerBalanceTransaction } from './objects/customer-balance.ts'
import type { Discount } from './objects/discount.ts'
import type { Dispute } from './objects/dispute.ts'
import type { EarlyFraudWarning, WarningRecord } from './objects/early-fraud-warning.ts'
import type { StripeEvent } from './events.ts'
import type {
  Invoice,
  InvoiceDoor,
  InvoiceItem,
  InvoicePayment,
  InvoiceRecord,
} from './objects/invoice.ts'
import type { InstrumentRecord, PaymentMethod } from './objects/payment-method.ts'
import type { Deleted } from './objects/deleted.ts'
import type { IntentRecord, PaymentIntent } from './objects/payment-intent.ts'
import type { PortalConfiguration, PortalDoor, PortalSession } from './objects/portal.ts'
import type { Price } from './objects/price.ts'
import type { PromotionCode } from './objects/promotion-code.ts'
import type { SetupIntent, SetupRecord } from './objects/setup-intent.ts'
import type { ItemRecord, Subscription, SubscriptionRecord } from './objects/subscription.ts'
import type { ClockRecord, TestClock } from './objects/test-clock.ts'
import type { Product } from './objects/product.ts'
import type { Refund } from './objects/refund.ts'
import type { StoredAnswer } from './stored-answers.ts'
import type { EndpointRecord, WebhookEndpoint } from './objects/webhook-endpoint.ts'

/** What is kept under each kind. Kinds with an underscore are the sandbox's own records. */
export type Kinds = {
  balance_transaction: BalanceTransaction
  'billing_portal.configuration': PortalConfiguration
  'billing_portal.session': PortalSession
  charge: Charge
  'checkout.session': CheckoutSession
  coupon: Coupon
  customer: Customer | Deleted<'customer'>
  customer_balance_transaction: CustomerBalanceTransaction
  discount: Discount
  dispute: Dispute
  event: StripeEvent
  invoice: Invoice | Deleted<'invoice'>
  invoice_payment: InvoicePayment
  invoiceitem: InvoiceItem | Deleted<'invoiceitem'>
  payment_intent: PaymentIntent
  payment_method: PaymentMethod
  price: Price
  product: Product | Deleted<'product'>
  promotion_code: PromotionCode
  'radar.early_fraud_warning': EarlyFraudWarning
  refund: Refund
  setup_intent: SetupIntent
  subscription: Subscription
  'test_helpers.test_clock': TestClock | Deleted<'test_helpers.test_clock'>
  webhook_endpoint: WebhookEndpoint | Deleted<'webhook_endpoint'>
  _account: AccountRecord
  _answer: StoredAnswer
  _checkout: CheckoutRecord
  _clock: ClockRecord
  _coupon: CouponRecord
  _endpoint: EndpointRecord
  _inspector: InspectorRecord
  _instrument: InstrumentRecord
  _intent: IntentRecord
  _invoice: InvoiceRecord
  _invoice_door: InvoiceDoor
  _item: ItemRecord
  _ledger: LedgerRecord
  _portal_door: PortalDoor
  _recovery: RecoveryRecord
  _setup: SetupRecord
  _subscription: SubscriptionRecord
  _warning: WarningRecord
}

export type Kind = keyof Kinds
