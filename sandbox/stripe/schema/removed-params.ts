import type { Operation } from './operations.ts'
import { type ParamError, invalid } from './param-errors.ts'

/** 2026-09-30.endive (SDK 23.0.0) took the parameter away with an error code of its own. */
const withoutPaymentMethodTypes: ReadonlySet<string> = new Set([
  'Checkout.Sessions.create',
  'PaymentIntents.confirm',
  'PaymentIntents.create',
  'PaymentIntents.update',
  'SetupIntents.create',
  'SetupIntents.update',
])

/** The error for a parameter that older versions took, where it is more than an unknown one. */
export function removedParam(operation: Operation, name: string): ParamError | undefined {
  if (name !== 'payment_method_types' || !withoutPaymentMethodTypes.has(operation.sdk))
    return undefined
  return invalid(
    name,
    'payment_method_types is no longer supported in this API version. Remove it to use dynamic payment methods, or use allowed_payment_method_types or excluded_payment_method_types.',
    'payment_method_types_no_longer_supported',
  )
}
