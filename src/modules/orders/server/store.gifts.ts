import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { GiftWords } from '../types.ts'

const columns = [
  'from_name as fromName',
  'to_name as toName',
  'to_email as toEmail',
  'message',
] as const

/** What the buyer wrote with a purchase for somebody else; undefined when it is for themselves. */
export async function giftOfCheckout(db: Db, checkoutId: string): Promise<GiftWords | undefined> {
  const row = await db
    .selectFrom('checkout_gift')
    .select(columns)
    .where('checkout_id', '=', checkoutId)
    .executeTakeFirst()
  return row && { ...row, toEmail: row.toEmail ?? undefined }
}

export async function insertGiftWords(tx: Tx, checkoutId: string, gift: GiftWords): Promise<void> {
  await tx
    .insertInto('checkout_gift')
    .values({
      checkout_id: checkoutId,
      from_name: gift.fromName,
      to_name: gift.toName,
      to_email: gift.toEmail ?? null,
      message: gift.message,
    })
    .execute()
}

export async function insertGift(tx: Tx, orderId: string): Promise<void> {
  await tx.insertInto('gift').values({ order_id: orderId }).execute()
}

export interface GiftRow {
  readonly orderId: string
  readonly redeemedBy: string | undefined
  readonly redeemedAt: Date | undefined
}

export async function findGift(db: Db, orderId: string): Promise<GiftRow | undefined> {
  const row = await db
    .selectFrom('gift')
    .select(['order_id as orderId', 'redeemed_by as redeemedBy', 'redeemed_at as redeemedAt'])
    .where('order_id', '=', orderId)
    .executeTakeFirst()
  return (
    row && {
      ...row,
      redeemedBy: row.redeemedBy ?? undefined,
      redeemedAt: row.redeemedAt ?? undefined,
    }
  )
}

/** Returns false when somebody took it before. */
export async function redeemGiftRow(tx: Tx, orderId: string, customerId: string): Promise<boolean> {
  const taken = await tx
    .updateTable('gift')
    .set({ redeemed_by: customerId, redeemed_at: clockNow })
    .where('order_id', '=', orderId)
    .where('redeemed_at', 'is', null)
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}
