import { bundlesWith } from '#modules/bundles/server/index.ts'
import type { OwnerProduct } from '#modules/catalog/types.ts'
import { countBuyers } from '#modules/orders/server/index.ts'
import { countPaying } from '#modules/payments/server/index.ts'
import { db } from '#modules/platform/server/index.ts'

/** Whom an act on a product touches, told before it is done. */
export interface Touched {
  /** People who are paying right now. */
  readonly paying: number
  /** People who bought it and keep it. */
  readonly buyers: number
  /** Bundles in the shop that hold it. */
  readonly bundles: readonly string[]
}

/** paying: for this price alone, or for the product in any way (a bundle that holds it, too). */
export async function touchedBy(
  product: Pick<OwnerProduct, 'id' | 'price'>,
  paying: 'price' | 'product',
): Promise<Touched> {
  const priceId = product.price?.id
  const [now, buyers, bundles] = await Promise.all([
    paying === 'product' || priceId === undefined
      ? countPaying(db(), { productId: product.id })
      : countPaying(db(), { priceId }),
    countBuyers(db(), product.id),
    bundlesWith(db(), product.id),
  ])
  return { paying: now, buyers, bundles }
}
