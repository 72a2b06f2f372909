import type { Tx } from '#modules/platform/server/index.ts'
import { deleteOver, type Swept } from './store.sweep.ts'

/** More than comes in between two rounds; what is left waits for the next one. */
const mostRows = 5_000

/**
 * Removes what is over: sessions, codes, half sign-ins, challenges, kept forms, links, devices not seen for 400 days. Run it
 * now and then; returns how many of each, at most 5,000.
 */
export async function sweepAccounts(tx: Tx): Promise<Swept> {
  return deleteOver(tx, mostRows)
}
