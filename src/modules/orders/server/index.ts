import { customerIdsOf } from '#modules/accounts/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { requestFullRefund, type RefundRequest } from '#modules/payments/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { audit, queueMail, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { OrderWithLines } from '../types.ts'
import { receiptMail } from './mails/receipt.ts'
import { findOrder, findOrderOfCheckout, orderPage, ordersOfCustomers } from './store.ts'

export { productKind, provideProductKinds } from './kinds.ts'
export { orderPayable } from './payable.ts'
export { receiptRows } from './mails/receipt.ts'
export { ordersOfLines, spendingOf } from './store.ts'

/** The order a paid checkout became; undefined while it is not paid. */
export async function orderOfCheckout(
  db: Db,
  checkoutId: string,
): Promise<OrderWithLines | undefined> {
  return findOrderOfCheckout(db, checkoutId)
}

/** One order for the owner; undefined for an id that is none. */
export async function orderById(db: Db, id: string): Promise<OrderWithLines | undefined> {
  return isId(id) ? findOrder(db, id) : undefined
}

/**
 * Orders for the owner, newest first, at most 100 at once. search: an order number or the beginning of an address.
 * before: the last order of the page above.
 */
export async function ordersPage(
  db: Db,
  filter: {
    readonly search?: string
    readonly state?: 'paid' | 'refunded' | 'disputed'
    readonly before?: { readonly at: Date; readonly id: string }
    readonly most: number
  },
): Promise<readonly OrderWithLines[]> {
  return orderPage(db, {
    search: filter.search?.trim().slice(0, 254) || undefined,
    state: filter.state,
    before: filter.before,
    most: Math.min(100, filter.most),
  })
}

/** What a member bought, under all addresses that are proven to be theirs, newest first. */
export async function ordersOfMember(
  db: Db,
  memberId: string,
  most: number,
  before?: { readonly at: Date; readonly id: string },
): Promise<readonly OrderWithLines[]> {
  return ordersOfCustomers(db, await customerIdsOf(db, memberId), Math.min(100, most), before)
}

/** What one customer bought, for the owner, newest first, at most 100. */
export async function ordersOfCustomer(
  db: Db,
  customerId: string,
): Promise<readonly OrderWithLines[]> {
  return ordersOfCustomers(db, [customerId], 100)
}

/**
 * Returns all that is left of an order's money. Writes the intent and the audit row; the caller sends it afterwards
 * with payments' sendRefund(refundId). Access ends when Stripe has taken the refund, in the same breath.
 */
export async function refundOrder(
  tx: Tx,
  owner: OwnerActor,
  orderId: string,
  reason: string,
): Promise<RefundRequest | { readonly ok: false; readonly reason: 'unknown' }> {
  const order = await orderById(tx, orderId)
  if (!order) return { ok: false, reason: 'unknown' }
  const request = await requestFullRefund(tx, order.checkoutId, {
    memberId: owner.memberId,
    reason,
  })
  if (request.ok) {
    await audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'order.refund_requested',
      subject: { kind: 'order', id: order.id },
      detail: {
        number: order.number,
        amountMinor: request.amountMinor,
        currency: order.currency,
        reason,
      },
    })
  }
  return request
}

/** Sends the receipt once more, to the address on the order. The new copy is a mail of its own. */
export async function resendReceipt(tx: Tx, order: OrderWithLines): Promise<void> {
  await queueMail(tx, receiptMail(order, newId()))
}
