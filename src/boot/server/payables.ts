import { orderPayable } from '#modules/orders/server/index.ts'
import type { Payable } from '#modules/payments/payable.ts'

/** What can be paid, by the word stored in checkout.payable. */
export const payables = { order: orderPayable } satisfies Readonly<Record<string, Payable>>
