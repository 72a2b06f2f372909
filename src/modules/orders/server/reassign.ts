import { customerFor } from '#modules/accounts/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { moveToCustomer } from '#modules/entitlements/server/index.ts'
import { lockMoney } from '#modules/payments/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { audit, queueMail, type Tx } from '#modules/platform/server/index.ts'
import { productExtras } from './kinds.ts'
import { giftMail } from './mails/gift.ts'
import { orderGainedMail, orderMovedMail } from './mails/reassigned.ts'
import { paidLine } from './money-moves.ts'
import { findGift, giftOfCheckout } from './store.gifts.ts'
import { findOrder, lockOrder, moveOrder } from './store.ts'

export type ReassignResult =
  | { readonly ok: true; readonly moved: number }
  | { readonly ok: false; readonly reason: 'unknown' | 'same' | 'gift' }

/**
 * Moves an order to another address: what it opens stops opening for the former buyer and opens for the new one, both are
 * told, and it is on record. A gift that somebody took is theirs and is not moved by its buyer’s order. email: canonical.
 */
export async function reassignOrder(
  tx: Tx,
  owner: OwnerActor,
  orderId: string,
  to: { readonly email: string; readonly reason: string },
): Promise<ReassignResult> {
  const found = isId(orderId) ? await findOrder(tx, orderId) : undefined
  if (!found) return { ok: false, reason: 'unknown' }
  await lockMoney(tx, found.checkoutId)
  const order = await lockOrder(tx, orderId)
  if (!order) return { ok: false, reason: 'unknown' }
  const gift = await findGift(tx, orderId)
  if (gift?.redeemedAt) return { ok: false, reason: 'gift' }
  const customerId = await customerFor(tx, { email: to.email })
  if (customerId === order.customerId && to.email === order.email)
    return { ok: false, reason: 'same' }
  await moveOrder(tx, orderId, { customerId, email: to.email })
  const moved = await moveToCustomer(
    tx,
    order.lines.map((line) => line.id),
    customerId,
    { actor: 'owner', cause: `order ${order.number} moved` },
  )
  for (const extra of productExtras())
    await extra.moved(
      tx,
      order.lines.map((line) => paidLine({ customerId }, line)),
    )
  // A mail of its own each time: it may be moved again, and back.
  const once = newId()
  await queueMail(tx, orderMovedMail(order, once))
  const now = { ...order, email: to.email, linkVersion: order.linkVersion + 1 }
  await queueMail(tx, orderGainedMail(now, once, { isGift: gift !== undefined }))
  // The former buyer's link to a gift that nobody took opens nothing any more: whom it is for gets the new one.
  const words = gift && (await giftOfCheckout(tx, order.checkoutId))
  if (words?.toEmail !== undefined) await queueMail(tx, giftMail(now, words, words.toEmail))
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'order.reassigned',
    subject: { kind: 'order', id: order.id },
    detail: { number: order.number, from: order.email, to: to.email, reason: to.reason, moved },
  })
  return { ok: true, moved }
}
