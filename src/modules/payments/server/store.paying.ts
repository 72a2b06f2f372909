import { sql } from 'kysely'
import type { Db } from '#modules/platform/server/index.ts'

/**
 * How many people are paying for something right now: checkouts that are open at Stripe, or that a bank has not answered yet.
 * by: the price they were shown (of a bundle: the bundle's), or the product, alone or in a bundle.
 */
export async function countPaying(
  db: Db,
  by: { readonly priceId: string } | { readonly productId: string },
): Promise<number> {
  const { count } = await db
    .selectFrom('checkout')
    .innerJoin('checkout_line', 'checkout_line.checkout_id', 'checkout.id')
    .select(sql<number>`count(distinct checkout.id)::int`.as('count'))
    .where('checkout.state', 'in', ['open', 'awaiting_payment'])
    .where((where) =>
      'priceId' in by
        ? where('checkout_line.price_id', '=', by.priceId)
        : where.or([
            where('checkout_line.product_id', '=', by.productId),
            where('checkout_line.bundle_id', '=', by.productId),
          ]),
    )
    .executeTakeFirstOrThrow()
  return count
}
