import type { Tx } from '#modules/platform/server/index.ts'
import type { Keeper } from '../types.ts'
import { markOwn } from './store.products.ts'

/**
 * An example whose name, price or contents its owner changed is theirs: it is no longer removed with the examples. To be called in
 * the transaction of the change. Nothing happens with what is no example, or is laid out by the program itself.
 */
export async function makeOwn(tx: Tx, by: Keeper, productId: string): Promise<void> {
  if (by !== 'system') await markOwn(tx, productId)
}
