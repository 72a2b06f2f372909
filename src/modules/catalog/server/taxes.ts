import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import { exactTax, type TaxRate, type ToldTax } from '../tax-rules.ts'
import type { Keeper } from '../types.ts'
import { acting } from './acting.ts'
import { lockProduct } from './store.products.ts'
import { deleteRate, findRates, mostRates, upsertRate } from './store.taxes.ts'

/**
 * The tax that a price contains for a buyer in this country (ISO 3166-1 alpha-2; undefined: not known yet). What was
 * said of the product goes before what was said of the country. undefined: none is told.
 */
export async function taxFor(
  db: Db,
  productId: string,
  country: string | undefined,
): Promise<ToldTax | undefined> {
  return exactTax(await findRates(db, productId), productId, country)
}

/** The rates of the whole shop, or with a product's id those and the product's own. */
export async function taxRates(db: Db, productId?: string): Promise<readonly TaxRate[]> {
  return findRates(db, productId)
}

export type SetTaxResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'too_many' }

/** Says which tax prices contain, for a product or the whole shop, in a country or everywhere; replaces what was said before. */
export async function setTaxRate(
  tx: Tx,
  by: Keeper,
  rate: Omit<TaxRate, 'id'>,
): Promise<SetTaxResult> {
  if (rate.productId !== undefined && !(await lockProduct(tx, rate.productId)))
    return { ok: false, reason: 'not_found' }
  const others = (await findRates(tx, rate.productId)).filter(
    (other) => other.productId === rate.productId && other.country !== rate.country,
  )
  if (others.length >= mostRates) return { ok: false, reason: 'too_many' }
  await upsertRate(tx, rate)
  await told(tx, by, 'tax.set', rate)
  return { ok: true }
}

/** false when there is no such rate (any more). */
export async function removeTaxRate(tx: Tx, by: Keeper, rateId: string): Promise<boolean> {
  const rate = await deleteRate(tx, rateId)
  if (rate) await told(tx, by, 'tax.removed', rate)
  return rate !== undefined
}

async function told(tx: Tx, by: Keeper, action: string, rate: Omit<TaxRate, 'id'>): Promise<void> {
  await audit(tx, {
    actor: acting(by),
    action,
    subject: rate.productId
      ? { kind: 'product', id: rate.productId }
      : { kind: 'shop', id: 'taxes' },
    detail: { basisPoints: rate.basisPoints, label: rate.label, country: rate.country ?? null },
  })
}
