import type { Operation } from './operation.ts'
import type { UndeliveredCount } from './event-operations.ts'
import { accountOperations } from './account-operations.ts'
import { customerBalanceOperations } from './billing/customer-balance-operations.ts'
import { invoiceItemOperations } from './billing/invoice-items.ts'
import { invoiceOperations } from './billing/invoices.ts'
import { setupIntentOperations } from './setup-intents.ts'
import { subscriptionItemOperations } from './billing/subscription-item-operations.ts'
import { subscriptionOperations } from './billing/subscriptions.ts'
import { balanceOperations } from './balance.ts'
import { chargeOperations } from './charges.ts'
import { checkoutSessionOperations } from './checkout-sessions.ts'
import { couponOperations } from './coupons.ts'
import { customerOperations } from './customers.ts'
import { disputeOperations } from './disputes.ts'
import { earlyFraudWarningOperations } from './early-fraud-warnings.ts'
import { eventOperations } from './event-operations.ts'
import { paymentIntentOperations } from './payment-intents.ts'
import { paymentMethodOperations } from './payment-methods.ts'
import { portalOperations } from './portal-operations.ts'
import { priceOperations } from './prices.ts'
import { productOperations } from './products.ts'
import { promotionCodeOperations } from './promotion-codes.ts'
import { refundOperations } from './refunds.ts'
import { testClockOperations } from './test-clocks.ts'
import { webhookEndpointOperations } from './webhook-endpoints.ts'

/** Everything this sandbox serves under /v1. */
export function allOperations(
  undelivered: (account: string) => UndeliveredCount,
): readonly Operation[] {
  return [
    ...accountOperations,
    ...balanceOperations,
    ...chargeOperations,
    ...checkoutSessionOperations,
    ...couponOperations,
    ...customerOperations,
    ...customerBalanceOperations,
    ...disputeOperations,
    ...earlyFraudWarningOperations,
    ...eventOperations(undelivered),
    ...invoiceItemOperations,
    ...invoiceOperations,
    ...paymentIntentOperations,
    ...paymentMethodOperations,
    ...portalOperations,
    ...priceOperations,
    ...productOperations,
    ...promotionCodeOperations,
    ...refundOperations,
    ...setupIntentOperations,
    ...subscriptionItemOperations,
    ...subscriptionOperations,
    ...testClockOperations,
    ...webhookEndpointOperations,
  ]
}
