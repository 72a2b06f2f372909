import { customerDetail, customerIdsOf } from '#modules/accounts/server/index.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { mailsAbout, type StoredMail } from '#modules/notifications/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import { audit, queueMail, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { OrderWithLines } from '../types.ts'
import { receiptParts } from './deliver.ts'
import { receiptMail } from './mails/receipt.ts'
import {
  findEarlierOrder,
  findOrder,
  findOrderOfCheckout,
  orderPage,
  ordersOfCustomers,
} from './store.ts'

export { findProductKind, provideProductExtras, provideProductKinds } from './kinds.ts'
export { provideEnclosureReader } from './enclosures.ts'
export { provideReceiptNotes } from './receipt-notes.ts'
export {
  compById,
  compsOfCustomers,
  endComp,
  giveComp,
  type Comp,
  type GiveResult,
} from './comps.ts'
export {
  giftOf,
  giftOfLink,
  giftPath,
  insertGiftWords,
  takeGift,
  type Gift,
  type TakeResult,
} from './gifts.ts'
export { reassignOrder, type ReassignResult } from './reassign.ts'
export {
  decideWithdrawal,
  openWithdrawalOf,
  receiveWithdrawal,
  withdrawalById,
  withdrawalsPage,
  type Withdrawal,
} from './withdrawals.ts'
export { orderPayable } from './payable.ts'
export {
  assignRefund,
  previewRefund,
  refundOrder,
  standingParts,
  unassignedRefunds,
  type AssignResult,
  type RefundResult,
} from './refund.ts'
export { countBuyers, ordersOfCheckouts, ordersOfLines, spendingOf } from './store.ts'

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

/** Orders for the owner, newest first, 50 a page. search: an order number or the beginning of an address. */
export async function ordersPage(
  db: Db,
  filter: { readonly search?: string; readonly state?: 'paid' | 'refunded' | 'disputed' },
  turn: Turn,
): Promise<ListPage<OrderWithLines>> {
  const search = filter.search?.trim().slice(0, 254) || undefined
  return readPage(orderTurn(turn), 50, (reach) =>
    orderPage(db, { search, state: filter.state }, reach),
  )
}

/** What a member bought, under all addresses that are proven to be theirs, newest first, 20 a page. */
export async function ordersOfMember(
  db: Db,
  memberId: string,
  turn: Turn,
): Promise<ListPage<OrderWithLines>> {
  const customerIds = await customerIdsOf(db, memberId)
  return readPage(orderTurn(turn), 20, (reach) => ordersOfCustomers(db, customerIds, reach))
}

/** What one customer bought, for the owner, newest first, 20 a page. */
export async function ordersOfCustomer(
  db: Db,
  customerId: string,
  turn: Turn,
): Promise<ListPage<OrderWithLines>> {
  return readPage(orderTurn(turn), 20, (reach) => ordersOfCustomers(db, [customerId], reach))
}

/** A mark that is no order's id would be refused by the database: it counts as none. */
function orderTurn(turn: Turn): Turn {
  return isId(turn.older ?? turn.newer ?? '') ? turn : {}
}

/** Whether the order is this member's, under any of the proven addresses. */
export async function isOrderOf(db: Db, order: OrderWithLines, memberId: string): Promise<boolean> {
  return (await customerIdsOf(db, memberId)).includes(order.customerId)
}

/**
 * An earlier order of the same person for one of the same products, if that was not refunded: this one may have been
 * placed by mistake. Both buyer and owner are told; nothing is decided by it.
 */
export async function earlierOrderOfSame(
  db: Db,
  order: OrderWithLines,
): Promise<OrderWithLines | undefined> {
  const customer = await customerDetail(db, order.customerId)
  const customerIds = customer?.memberId
    ? await customerIdsOf(db, customer.memberId)
    : [order.customerId]
  return findEarlierOrder(db, order, customerIds)
}

/** Every mail that an order caused, oldest first, at most 50 of a kind: receipts and copies, refunds, waiting for a bank. */
export async function mailsOfOrder(db: Db, order: OrderWithLines): Promise<readonly StoredMail[]> {
  return mailsAbout(db, [
    { template: 'receipt', entityPrefix: `${order.id}:` },
    { template: 'refund', entityPrefix: `${order.id}:` },
    { template: 'refund_failed', entityPrefix: `${order.id}:` },
    { template: 'gift', entityPrefix: order.id },
    { template: 'gift_taken', entityPrefix: order.id },
    { template: 'order_moved', entityPrefix: `${order.id}:` },
    { template: 'order_gained', entityPrefix: `${order.id}:` },
    { template: 'payment_waiting', entityPrefix: order.checkoutId },
  ])
}

/** Sends the receipt once more, to the address on the order. The new copy is a mail of its own. */
export async function resendReceipt(
  tx: Tx,
  actor: MemberActor,
  order: OrderWithLines,
): Promise<void> {
  await queueMail(tx, receiptMail(order, newId(), await receiptParts(tx, order)))
  await audit(tx, {
    actor: { kind: actor.kind, memberId: actor.memberId },
    action: 'order.receipt_resent',
    subject: { kind: 'order', id: order.id },
    detail: { number: order.number },
  })
}
