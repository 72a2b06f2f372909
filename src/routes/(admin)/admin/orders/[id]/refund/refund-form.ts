import { z } from 'zod'
import { parseAmount } from '#modules/platform/money.ts'
import { lineField } from '#modules/platform/plain-text.ts'
import type { RefundDraft } from '#modules/orders/refund-plan.ts'
import type { OrderWithLines } from '#modules/orders/types.ts'

/** The owner's reason, kept with the refund and in the trail of acts; the buyer does not see it. */
export const refundForm = z.object({
  reason: lineField(500).refine(
    (text) => text !== '',
    'Say in a few words why. It stays with the order.',
  ),
})

export const amountField = (lineId: string) => `amount_${lineId}`
export const quantityField = (lineId: string) => `quantity_${lineId}`

export type ReadDraft =
  | { readonly ok: true; readonly draft: RefundDraft }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> }

/** What the form asks for: all that is left, unless it says that it is about some lines. */
export function readDraft(
  order: Pick<OrderWithLines, 'lines' | 'currency'>,
  typed: (field: string) => string,
): ReadDraft {
  const keepsAccess = typed('keepsAccess') === 'yes'
  if (typed('of') !== 'lines') return { ok: true, draft: { of: 'rest', keepsAccess } }
  const errors: Record<string, string> = {}
  const lines = order.lines.map((line) => {
    const amount = typed(amountField(line.id)).trim()
    const quantity = typed(quantityField(line.id)).trim()
    const read =
      amount === '' ? { ok: true as const, minor: 0 } : parseAmount(amount, order.currency)
    if (!read.ok) errors[amountField(line.id)] = 'Type an amount such as 12 or 12.50.'
    if (quantity !== '' && !/^\d{1,3}$/.test(quantity))
      errors[quantityField(line.id)] = 'Type a whole number.'
    return {
      lineId: line.id,
      amountMinor: read.ok ? read.minor : 0,
      quantity: Number(/^\d{1,3}$/.test(quantity) ? quantity : 0),
    }
  })
  return Object.keys(errors).length > 0
    ? { ok: false, errors }
    : { ok: true, draft: { of: 'lines', lines, keepsAccess } }
}
