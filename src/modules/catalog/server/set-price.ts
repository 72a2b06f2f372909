import { audit, type Tx } from '#modules/platform/server/index.ts'
import { readPrice, type PriceProblem, type TypedPrice } from '../price-rules.ts'
import type { Keeper } from '../types.ts'
import { acting } from './acting.ts'
import { makeOwn } from './own-examples.ts'
import { activePrice, replacePrice } from './store.prices.ts'
import { lockProduct, touchProduct } from './store.products.ts'

export type SetPriceResult =
  | { readonly ok: true; readonly priceId: string }
  | { readonly ok: false; readonly reason: 'not_found' }
  | { readonly ok: false; readonly field: 'amount' | 'suggested'; readonly reason: PriceProblem }

/**
 * Sets what a product costs from now on. A price never changes: this makes a new one and stops offering the old.
 * Checkouts that are open keep what they showed. typed: as the owner typed it; currency: the shop's. Refused with the reason
 * when it cannot be read for certain, or is more than nothing and less than a card can be charged.
 */
export async function setPrice(
  tx: Tx,
  by: Keeper,
  productId: string,
  typed: TypedPrice,
  currency: string,
): Promise<SetPriceResult> {
  const read = readPrice(typed, currency)
  if (!read.ok) return read
  const product = await lockProduct(tx, productId)
  if (!product) return { ok: false, reason: 'not_found' }
  const before = await activePrice(tx, productId)
  const { price } = read
  if (
    before?.minor === price.minor &&
    before.currency === price.currency &&
    before.isOpen === price.isOpen &&
    before.suggestedMinor === price.suggestedMinor
  )
    return { ok: true, priceId: before.id }
  const priceId = await replacePrice(tx, productId, price)
  await touchProduct(tx, productId)
  await makeOwn(tx, by, productId)
  await audit(tx, {
    actor: acting(by),
    action: 'product.priced',
    subject: { kind: 'product', id: productId },
    detail: {
      minor: price.minor,
      currency: price.currency,
      isOpen: price.isOpen,
      suggestedMinor: price.suggestedMinor ?? null,
      formerMinor: before?.minor ?? null,
      formerCurrency: before?.currency ?? null,
    },
  })
  return { ok: true, priceId }
}
