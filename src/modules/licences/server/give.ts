import { db, inTransaction, type Tx } from '#modules/platform/server/index.ts'
import { makeCode } from '../key.ts'
import { insertLicences, owingProducts, settleEarlier } from './store.ts'

/** Gives one source its key, where the product gives keys and it has none. */
export async function giveKey(
  tx: Tx,
  productId: string,
  source: { readonly kind: string; readonly id: string },
): Promise<void> {
  await insertLicences(tx, productId, source, [makeCode()])
}

/** Gives keys to those who bought the product before, at most so many at once. */
export async function giveEarlier(tx: Tx, productId: string, most: number): Promise<number> {
  const given = await insertLicences(
    tx,
    productId,
    undefined,
    Array.from({ length: most }, () => makeCode()),
  )
  if (given === 0) await settleEarlier(tx, productId)
  return given
}

/** A round: whoever bought a product before it gave keys gets one, at most so many of each product. Returns how many did. */
export async function giveOwedKeys(most: number): Promise<number> {
  let given = 0
  for (const productId of await owingProducts(db(), 20))
    given += await inTransaction((tx) => giveEarlier(tx, productId, most))
  return given
}
