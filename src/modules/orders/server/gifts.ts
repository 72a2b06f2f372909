import { customerDetail, customerFor } from '#modules/accounts/server/index.ts'
import { lockMoney } from '#modules/payments/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { queueMail, type Db, type Tx } from '#modules/platform/server/index.ts'
import { lineStates } from '../line-states.ts'
import type { GiftWords, OrderWithLines } from '../types.ts'
import { deliver } from './deliver.ts'
import { isGiftLink } from './gift-link.ts'
import { giftTakenMail } from './mails/gift.ts'
import { applyRefunds } from './money-moves.ts'
import { standingParts } from './refund.ts'
import { findGift, giftOfCheckout, redeemGiftRow } from './store.gifts.ts'
import { findOrder, findOrderOfCheckout, lockOrder } from './store.ts'

export { giftPath } from './gift-link.ts'
export { insertGiftWords } from './store.gifts.ts'

export interface Gift {
  readonly order: OrderWithLines
  readonly words: GiftWords
  /** ended: all of it was given back before anybody took it, or the bank has the money. */
  readonly state: 'waiting' | 'taken' | 'ended'
  readonly redeemedAt: Date | undefined
  readonly redeemedBy: string | undefined
  /** Lines that somebody who takes it gets. */
  readonly openTitles: readonly string[]
}

/** The gift that an order is; undefined when it is none. */
export async function giftOf(db: Db, orderId: string): Promise<Gift | undefined> {
  return asGift(db, isId(orderId) ? await findOrder(db, orderId) : undefined)
}

/** The gift that a link leads to (giftPath): undefined when the link is not one this shop made, or counts no more. */
export async function giftOfLink(db: Db, id: string, token: string): Promise<Gift | undefined> {
  if (!isId(id)) return undefined
  const order = (await findOrderOfCheckout(db, id)) ?? (await findOrder(db, id))
  return order && isGiftLink(order, token) ? asGift(db, order) : undefined
}

async function asGift(db: Db, order: OrderWithLines | undefined): Promise<Gift | undefined> {
  const row = order && (await findGift(db, order.id))
  const words = order && (await giftOfCheckout(db, order.checkoutId))
  if (!order || !row || !words) return undefined
  const states = lineStates(order, await standingParts(db, order))
  const openTitles = order.lines
    .filter((line) => states.get(line.id)?.standing === 'kept')
    .map((line) => line.title)
  return {
    order,
    words,
    state: row.redeemedAt ? 'taken' : openTitles.length > 0 ? 'waiting' : 'ended',
    redeemedAt: row.redeemedAt,
    redeemedBy: row.redeemedBy,
    openTitles,
  }
}

export type TakeResult =
  | { readonly ok: true; readonly customerId: string }
  | { readonly ok: false; readonly reason: 'unknown' | 'taken' | 'ended' }

/**
 * Gives a gift to whoever takes it: a signed-in member, or a guest by address. Once, whoever comes first; what was given back
 * before stays closed. The buyer is told. email: canonical.
 */
export async function takeGift(
  tx: Tx,
  orderId: string,
  taker: { readonly memberId?: string; readonly email: string; readonly name?: string },
): Promise<TakeResult> {
  const found = await giftOf(tx, orderId)
  if (!found) return { ok: false, reason: 'unknown' }
  await lockMoney(tx, found.order.checkoutId)
  const order = await lockOrder(tx, orderId)
  if (!order) return { ok: false, reason: 'unknown' }
  const gift = await giftOf(tx, orderId)
  if (gift?.state !== 'waiting') return { ok: false, reason: gift?.state ?? 'unknown' }
  const customerId = await customerFor(tx, taker)
  if (!(await redeemGiftRow(tx, orderId, customerId))) return { ok: false, reason: 'taken' }
  const cause = { actor: 'member' as const, cause: `gift ${orderId}` }
  await deliver(tx, customerId, order.lines, cause.cause, 'member')
  // What was refunded, or is disputed, between the purchase and now is so for the one who takes it, too.
  await applyRefunds(tx, order, cause)
  await queueMail(tx, giftTakenMail(order, gift.words))
  return { ok: true, customerId }
}

/** Who has what was given: for telling them when it closes. undefined while nobody took it. */
export async function takerOf(
  db: Db,
  orderId: string,
): Promise<{ readonly email: string } | undefined> {
  const row = await findGift(db, orderId)
  const customer = row?.redeemedBy ? await customerDetail(db, row.redeemedBy) : undefined
  return customer && { email: customer.member?.email ?? customer.email }
}
