import type { OwnerActor } from '#modules/accounts/types.ts'
import {
  lockMoney,
  moneyOfCheckout,
  requestRefund,
  type RefundRequest,
} from '#modules/payments/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import { unassignedMinor, type LineRefund } from '../line-states.ts'
import { planRefund, type RefundDraft, type RefundPlan } from '../refund-plan.ts'
import type { OrderWithLines } from '../types.ts'
import { applyRefunds } from './money-moves.ts'
import { findOrder, insertLineRefunds, lineRefundsOf, lockOrder } from './store.ts'

/** States of refunds that have given their money back to us: their parts are free again. */
const over = new Set(['failed', 'canceled'])

/** Parts of refunds whose money is gone or about to go. */
export async function standingParts(db: Db, order: OrderWithLines): Promise<readonly LineRefund[]> {
  const [parts, money] = await Promise.all([
    lineRefundsOf(db, order.id),
    moneyOfCheckout(db, order.checkoutId),
  ])
  const gone = new Set(money?.refunds.filter((one) => over.has(one.state)).map((one) => one.id))
  return parts.filter((part) => !gone.has(part.refundId))
}

/** What a refund would do, before it is done. */
export async function previewRefund(
  db: Db,
  order: OrderWithLines,
  draft: RefundDraft,
): Promise<RefundPlan> {
  return planRefund(order, await standingParts(db, order), draft)
}

export type RefundResult =
  | RefundRequest
  | { readonly ok: false; readonly reason: 'unknown' }
  | {
      readonly ok: false
      readonly reason: 'plan'
      readonly plan: Extract<RefundPlan, { ok: false }>
    }

/**
 * Returns money of an order: of lines, an amount of one, some of its quantity, or all that is left. Writes the intent, which
 * lines it is for and the audit row; the caller sends it afterwards with payments' sendRefund(refundId). Access follows when
 * Stripe has taken the refund, in the same breath. expectedMinor: what the owner was shown; refused when it would be another sum.
 */
export async function refundOrder(
  tx: Tx,
  owner: OwnerActor,
  orderId: string,
  draft: RefundDraft,
  by: { readonly reason: string; readonly expectedMinor: number | undefined },
): Promise<RefundResult> {
  const order = isId(orderId) ? await lockOrderAndMoney(tx, orderId) : undefined
  if (!order) return { ok: false, reason: 'unknown' }
  const money = await moneyOfCheckout(tx, order.checkoutId)
  if (money?.refunds.some((refund) => refund.state === 'requested'))
    return { ok: false, reason: 'under_way' }
  if (order.refundedMinor >= order.totalMinor) return { ok: false, reason: 'nothing_left' }
  const plan = await previewRefund(tx, order, draft)
  if (!plan.ok) return { ok: false, reason: 'plan', plan }
  if (by.expectedMinor !== undefined && by.expectedMinor !== plan.amountMinor)
    return { ok: false, reason: 'too_much' }
  const request = await requestRefund(tx, order.checkoutId, {
    memberId: owner.memberId,
    reason: by.reason,
    amountMinor: plan.amountMinor,
  })
  if (!request.ok) return request
  await insertLineRefunds(tx, request.refundId, plan.parts)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'order.refund_requested',
    subject: { kind: 'order', id: order.id },
    detail: {
      number: order.number,
      amountMinor: request.amountMinor,
      currency: order.currency,
      reason: by.reason,
      lines: plan.parts.length,
      keepsAccess: draft.keepsAccess,
    },
  })
  return request
}

async function lockOrderAndMoney(tx: Tx, orderId: string): Promise<OrderWithLines | undefined> {
  const order = await findOrder(tx, orderId)
  if (!order) return undefined
  await lockMoney(tx, order.checkoutId)
  return lockOrder(tx, orderId)
}

/** Refunds of the order that name no line of it and whose money is gone: made at Stripe's side. */
export async function unassignedRefunds(
  db: Db,
  order: OrderWithLines,
): Promise<ReadonlySet<string>> {
  if (order.refundedMinor === 0 || order.refundedMinor >= order.totalMinor) return new Set()
  const [parts, money] = await Promise.all([
    lineRefundsOf(db, order.id),
    moneyOfCheckout(db, order.checkoutId),
  ])
  const named = new Set(parts.map((part) => part.refundId))
  return new Set(
    money?.refunds
      .filter(
        (refund) =>
          !named.has(refund.id) && !over.has(refund.state) && refund.state !== 'requested',
      )
      .map((refund) => refund.id),
  )
}

export type AssignResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'unknown' | 'nothing_to_assign' | 'does_not_fit' }

/**
 * Says which line a refund was for that was made at Stripe's side: what that line gave then follows. One line takes the
 * whole of it.
 */
export async function assignRefund(
  tx: Tx,
  owner: OwnerActor,
  orderId: string,
  given: { readonly refundId: string; readonly lineId: string; readonly keepsAccess: boolean },
): Promise<AssignResult> {
  const order = isId(orderId) ? await lockOrderAndMoney(tx, orderId) : undefined
  const money = order && (await moneyOfCheckout(tx, order.checkoutId))
  const refund = money?.refunds.find((one) => one.id === given.refundId)
  const line = order?.lines.find((one) => one.id === given.lineId)
  if (!order || !money || !refund || !line) return { ok: false, reason: 'unknown' }
  const parts = await standingParts(tx, order)
  if (
    over.has(refund.state) ||
    (await lineRefundsOf(tx, order.id)).some((part) => part.refundId === refund.id) ||
    unassignedMinor(order, parts) < refund.amountMinor
  )
    return { ok: false, reason: 'nothing_to_assign' }
  const own = parts.filter((part) => part.orderLineId === line.id)
  const leftMinor = line.totalMinor - own.reduce((sum, part) => sum + part.amountMinor, 0)
  if (refund.amountMinor > leftMinor) return { ok: false, reason: 'does_not_fit' }
  await insertLineRefunds(tx, refund.id, [
    {
      orderLineId: line.id,
      amountMinor: refund.amountMinor,
      quantity: 0,
      keepsAccess: given.keepsAccess,
    },
  ])
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'order.refund_assigned',
    subject: { kind: 'order', id: order.id },
    detail: { number: order.number, line: line.title, amountMinor: refund.amountMinor },
  })
  await applyRefunds(tx, order, { actor: 'owner', cause: `refund ${refund.id}` })
  return { ok: true }
}
