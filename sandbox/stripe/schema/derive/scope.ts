/**
 * Which part of the SDK is described: the resources a one-person shop can meet.
 * Left out on purpose: v2, Connect, Terminal, Issuing, tax calculation, legacy sources, cash balances.
 */
export interface ResourceScope {
  /** File under `esm/resources`, without its ending. */
  file: string
  /** Methods that are not described; all others are. */
  omit?: readonly string[]
  /** The only methods that are described. */
  only?: readonly string[]
}

const cashBalance = [
  'retrieveCashBalance',
  'updateCashBalance',
  'listCashBalanceTransactions',
  'retrieveCashBalanceTransaction',
  'createFundingInstructions',
]
const legacySources = [
  'listSources',
  'createSource',
  'retrieveSource',
  'updateSource',
  'deleteSource',
  'verifySource',
]

export const resources: readonly ResourceScope[] = [
  { file: 'Accounts', only: ['retrieveCurrent'] },
  { file: 'Balance' },
  { file: 'BalanceTransactions' },
  { file: 'BillingPortal/Configurations' },
  { file: 'BillingPortal/Sessions' },
  { file: 'Charges' },
  { file: 'Checkout/Sessions' },
  { file: 'Coupons' },
  { file: 'Customers', omit: [...cashBalance, ...legacySources] },
  { file: 'Disputes' },
  { file: 'Entitlements/ActiveEntitlements' },
  { file: 'Entitlements/Features' },
  { file: 'Events' },
  { file: 'InvoiceItems' },
  { file: 'InvoicePayments' },
  { file: 'Invoices' },
  {
    file: 'PaymentIntents',
    omit: ['applyCustomerBalance', 'incrementAuthorization', 'verifyMicrodeposits'],
  },
  { file: 'PaymentMethods' },
  { file: 'Plans' },
  { file: 'Prices' },
  { file: 'Products' },
  { file: 'PromotionCodes' },
  { file: 'Radar/EarlyFraudWarnings' },
  { file: 'Refunds' },
  { file: 'SetupIntents', omit: ['verifyMicrodeposits'] },
  { file: 'SubscriptionItems' },
  { file: 'Subscriptions' },
  { file: 'TaxRates' },
  { file: 'TestHelpers/TestClocks' },
  { file: 'WebhookEndpoints' },
]

/** Objects no described operation answers with, which events carry or others embed. */
export const extraObjects: readonly { file: string; name: string }[] = [
  { file: 'CreditNotes', name: 'CreditNote' },
  { file: 'Entitlements/ActiveEntitlementSummaries', name: 'ActiveEntitlementSummary' },
]

/** Events about objects that are described only because others embed them. */
export const eventlessObjects: ReadonlySet<string> = new Set([
  'account',
  'cash_balance',
  'person',
  'source',
])

/**
 * Properties that are not whole numbers. The SDK's typings say `number` for both, the API's
 * reference tells them apart: rates, shares in per cent and parcel measures may have fractions;
 * amounts, counts and timestamps may not.
 */
export const fractionalProperties: ReadonlySet<string> = new Set([
  'amount_percent',
  'application_fee_percent',
  'effective_percentage',
  'exchange_rate',
  'height',
  'length',
  'percent_off',
  'percentage',
  'weight',
  'width',
])

/**
 * Properties the API leaves out unless they are expanded (marked "Expandable" in the API's
 * reference; the typings do not say so), by their way through the object. Optional lists are
 * includable without being named here.
 */
export const includableProperties: Readonly<Record<string, readonly string[]>> = {
  'checkout.session': ['total_details.breakdown'],
  coupon: ['applies_to', 'currency_options'],
  customer: ['cash_balance', 'invoice_credit_balance', 'tax'],
  invoice: ['confirmation_secret'],
  item: ['discounts', 'taxes'],
  price: ['currency_options', 'tiers'],
}

/** Properties typed as an empty object that may hold any; what an event carries depends on its type. */
export const anyObjects: Readonly<Record<string, readonly (readonly string[])[]>> = {
  event: [
    ['data', 'object'],
    ['data', 'previous_attributes'],
  ],
}
