import type { Db } from '#modules/platform/server/index.ts'
import { consentsOf } from './store.ts'

/** What the buyer of a checkout agreed to before paying, as sentences for the receipt. [] where nothing was asked. */
export async function agreedNotes(db: Db, checkoutId: string): Promise<readonly string[]> {
  const consents = await consentsOf(db, checkoutId)
  return consents.map(({ words }) => `Before paying you said: “${words}”.`)
}
