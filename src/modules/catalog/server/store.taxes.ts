import { isId } from '#modules/platform/ids.ts'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { TaxRate } from '../tax-rules.ts'

/** More rates than there are countries, twice, mean a mistake. */
export const mostRates = 500

/** The rates of the whole shop and, when asked for, of one product. */
export async function findRates(db: Db, productId: string | undefined): Promise<TaxRate[]> {
  const rows = await db
    .selectFrom('tax_rate')
    .select(['id', 'product_id', 'country', 'basis_points', 'label'])
    .where((where) =>
      productId === undefined
        ? where('product_id', 'is', null)
        : where.or([where('product_id', 'is', null), where('product_id', '=', productId)]),
    )
    .orderBy('product_id')
    .orderBy('country')
    .limit(2 * mostRates)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    productId: row.product_id ?? undefined,
    country: row.country ?? undefined,
    basisPoints: row.basis_points,
    label: row.label,
  }))
}

export async function upsertRate(tx: Tx, rate: Omit<TaxRate, 'id'>): Promise<void> {
  let same = tx.deleteFrom('tax_rate')
  same =
    rate.productId === undefined
      ? same.where('product_id', 'is', null)
      : same.where('product_id', '=', rate.productId)
  same =
    rate.country === undefined
      ? same.where('country', 'is', null)
      : same.where('country', '=', rate.country)
  await same.execute()
  await tx
    .insertInto('tax_rate')
    .values({
      product_id: rate.productId ?? null,
      country: rate.country ?? null,
      basis_points: rate.basisPoints,
      label: rate.label,
    })
    .execute()
}

export async function deleteRate(tx: Tx, id: string): Promise<TaxRate | undefined> {
  if (!isId(id)) return undefined
  const row = await tx
    .deleteFrom('tax_rate')
    .where('id', '=', id)
    .returning(['id', 'product_id', 'country', 'basis_points', 'label'])
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      productId: row.product_id ?? undefined,
      country: row.country ?? undefined,
      basisPoints: row.basis_points,
      label: row.label,
    }
  )
}
