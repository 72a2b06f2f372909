import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { Money } from '#modules/platform/money.ts'
import type { ProductState } from '../types.ts'

export interface SellableRow {
  readonly productId: string
  readonly kind: string
  readonly title: string
  readonly state: ProductState
  readonly active: (Money & { readonly id: string }) | undefined
}

/** A product with its active price. */
export async function findSellable(db: Db, productId: string): Promise<SellableRow | undefined> {
  const row = await db
    .selectFrom('product')
    .leftJoin('price as active', (join) =>
      join.onRef('active.product_id', '=', 'product.id').on('active.is_active', '=', true),
    )
    .select([
      'product.id',
      'product.kind',
      'product.title',
      'product.state',
      'active.id as active_id',
      'active.amount_minor',
      'active.currency',
    ])
    .where('product.id', '=', productId)
    .executeTakeFirst()
  return (
    row && {
      productId: row.id,
      kind: row.kind,
      title: row.title,
      // The table's check holds it to these words.
      state: row.state as ProductState,
      active:
        row.active_id === null || row.amount_minor === null || row.currency === null
          ? undefined
          : { id: row.active_id, minor: row.amount_minor, currency: row.currency },
    }
  )
}

export async function activePrice(
  db: Db,
  productId: string,
): Promise<(Money & { readonly id: string }) | undefined> {
  const row = await db
    .selectFrom('price')
    .select(['id', 'amount_minor', 'currency'])
    .where('product_id', '=', productId)
    .where('is_active', '=', true)
    .executeTakeFirst()
  return row && { id: row.id, minor: row.amount_minor, currency: row.currency }
}

/** Makes this the active price; the one before stays as it is but is no longer offered. */
export async function replacePrice(tx: Tx, productId: string, price: Money): Promise<string> {
  await tx
    .updateTable('price')
    .set({ is_active: false })
    .where('product_id', '=', productId)
    .where('is_active', '=', true)
    .execute()
  const { id } = await tx
    .insertInto('price')
    .values({ product_id: productId, amount_minor: price.minor, currency: price.currency })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
