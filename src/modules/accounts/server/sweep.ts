import type { Tx } from '#modules/platform/server/index.ts'
import { deleteOldCodes } from './store.code.ts'
import { deleteExpiredSessions } from './store.session.ts'

/** Removes sessions that are over and codes that ended a day ago. Run it now and then; returns how many of each. */
export async function sweepAccounts(tx: Tx): Promise<{ sessions: number; codes: number }> {
  return { sessions: await deleteExpiredSessions(tx), codes: await deleteOldCodes(tx) }
}
