import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { OfferedPrice } from '../types.ts'

export async function activePrice(db: Db, productId: string): Promise<OfferedPrice | undefined> {
  const row = await db
    .selectFrom('price')
    .select(['id', 'amount_minor', 'currency', 'is_open', 'suggested_minor'])
    .where('product_id', '=', productId)
    .where('is_active', '=', true)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      minor: row.amount_minor,
      currency: row.currency,
      isOpen: row.is_open,
      suggestedMinor: row.suggested_minor ?? undefined,
    }
  )
}

/** Makes this the active price; the one before stays as it is but is no longer offered. */
export async function replacePrice(
  tx: Tx,
  productId: string,
  price: Omit<OfferedPrice, 'id'>,
): Promise<string> {
  await tx
    .updateTable('price')
    .set({ is_active: false })
    .where('product_id', '=', productId)
    .where('is_active', '=', true)
    .execute()
  const { id } = await tx
    .insertInto('price')
    .values({
      product_id: productId,
      amount_minor: price.minor,
      currency: price.currency,
      is_open: price.isOpen,
      suggested_minor: price.suggestedMinor ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
