import { audit, type Tx } from '#modules/platform/server/index.ts'
import { readPrice, type PriceProblem } from '../price-rules.ts'
import type { Keeper } from '../types.ts'
import { acting } from './acting.ts'
import { activePrice, replacePrice } from './store.prices.ts'
import { lockProduct, touchProduct } from './store.products.ts'

export type SetPriceResult =
  | { readonly ok: true; readonly priceId: string }
  | { readonly ok: false; readonly reason: 'not_found' | PriceProblem }

/**
 * Sets what a product costs from now on. A price never changes: this makes a new one and stops offering the old.
 * Checkouts that are open keep what they showed. amount: as typed; currency: the shop's. Refused with the reason
 * when it cannot be read for certain, or is less than a card can be charged (nothing is given away in this way).
 */
export async function setPrice(
  tx: Tx,
  by: Keeper,
  productId: string,
  amount: string,
  currency: string,
): Promise<SetPriceResult> {
  const read = readPrice(amount, currency)
  if (!read.ok) return read
  const product = await lockProduct(tx, productId)
  if (!product) return { ok: false, reason: 'not_found' }
  const before = await activePrice(tx, productId)
  if (before?.minor === read.price.minor && before.currency === read.price.currency)
    return { ok: true, priceId: before.id }
  const priceId = await replacePrice(tx, productId, read.price)
  await touchProduct(tx, productId)
  await audit(tx, {
    actor: acting(by),
    action: 'product.priced',
    subject: { kind: 'product', id: productId },
    detail: {
      minor: read.price.minor,
      currency: read.price.currency,
      formerMinor: before?.minor ?? null,
      formerCurrency: before?.currency ?? null,
    },
  })
  return { ok: true, priceId }
}
