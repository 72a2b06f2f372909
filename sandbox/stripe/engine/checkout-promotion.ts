import type { CheckoutSession } from './objects/checkout-session.ts'
import type { LineItem } from './objects/line-item.ts'
import type { Work } from './work.ts'
import { checkTotal } from './checkout-params.ts'
import { applyTo, discountsShown, subtotalOf } from './discounts.ts'
import { ApiError } from '../api-error.ts'
import { activeCode, redemptionOfCode } from './promotion-code.ts'

/**
 * A buyer types a promotion code on the payment page, or takes it away (null). The session costs
 * what it costs then; what is wrong with the code comes back in words.
 */
export async function applyPromotionCode(
  work: Work,
  session: CheckoutSession,
  typed: string | null,
): Promise<{ ok: true } | { ok: false; message: string }> {
  const record = await work.named('_checkout', session.id, 'session')
  if (session.allow_promotion_codes !== true || session.status !== 'open')
    return { ok: false, message: 'This shop takes no promotion codes here.' }
  const full = record.lineItems.map((line) => ({
    ...line,
    amount_discount: 0,
    amount_total: line.amount_subtotal,
  }))
  const { discount: _old, ...rest } = record
  if (typed === null) {
    work.put('_checkout', { ...rest, lineItems: full })
    work.put('checkout.session', withSums(session, full, []))
    return { ok: true }
  }
  const code = await activeCode(work, typed.trim())
  if (code === undefined) return { ok: false, message: 'This code is invalid.' }
  const redemption = await redemptionOfCode(work, code, {
    customer: session.customer,
    currency: session.currency ?? 'usd',
    subtotal: subtotalOf(full),
  })
  if ('refusal' in redemption) return { ok: false, message: redemption.refusal }
  const applied = applyTo(work, full, redemption)
  if ('refusal' in applied) return { ok: false, message: applied.refusal }
  const after = withSums(session, applied.lines, discountsShown(applied.discount))
  const problem = tooLittle(after)
  if (problem !== undefined) return { ok: false, message: problem }
  work.put('_checkout', { ...rest, lineItems: applied.lines, discount: applied.discount })
  work.put('checkout.session', after)
  return { ok: true }
}

function tooLittle(session: CheckoutSession): string | undefined {
  const total = session.amount_total ?? 0
  if (total === 0) return undefined
  try {
    checkTotal(total, session.currency ?? 'usd')
    return undefined
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return error.message
  }
}

function withSums(
  session: CheckoutSession,
  lines: readonly LineItem[],
  discounts: CheckoutSession['discounts'],
): CheckoutSession {
  const off = lines.reduce((sum, line) => sum + line.amount_discount, 0)
  const total = subtotalOf(lines) - off
  return {
    ...session,
    amount_subtotal: subtotalOf(lines),
    amount_total: total,
    discounts,
    payment_status: total === 0 ? 'no_payment_required' : 'unpaid',
    total_details: { amount_discount: off, amount_shipping: 0, amount_tax: 0 },
  }
}
