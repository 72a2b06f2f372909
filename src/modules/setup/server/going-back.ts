import type { OwnerActor } from '#modules/accounts/types.ts'
import { audit, sqlState, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { RehearsalCounts } from '../types.ts'
import { givenSettings, keysOverview } from './entered.ts'
import { BusyError, LiveMoneyError } from './going-live.ts'
import * as store from './store.ts'
import * as sweep from './store.sweep.ts'

/** What going back to the rehearsal would sweep away. undefined: the shop is not in Stripe's test mode by a key that was entered. */
export async function previewGoingBack(db: Db): Promise<RehearsalCounts | undefined> {
  const [overview, hasLiveMoney] = await Promise.all([keysOverview(db), store.hasLiveMoney(db)])
  if (overview.mode !== 'test' || overview.isKeyFixed || hasLiveMoney) return undefined
  return sweep.rehearsalCounts(db)
}

export type GoBackResult =
  | { readonly ok: true; readonly wasDone: boolean }
  | { readonly ok: false; readonly reason: 'fixed' | 'not_test' | 'live_money' }

/**
 * Leads from Stripe's test mode back into the rehearsal: sweeps away what was tried in test mode, which no rehearsal knows of, and lets
 * the entered key wait again. One transaction; twice is once. Never from a live key, and never with real money in the
 * shop: the database refuses that as well. The caller lets every process take up the settings afterwards. Throws BusyError and
 * LiveMoneyError like goLive.
 */
export async function goBack(tx: Tx, owner: OwnerActor): Promise<GoBackResult> {
  const state = await store.lockSetup(tx)
  if (givenSettings().fixed.includes('STRIPE_SECRET_KEY')) return { ok: false, reason: 'fixed' }
  if (!state.usesKeys) return { ok: true, wasDone: true }
  const { inForce } = await keysOverview(tx)
  if (inForce?.mode !== 'test') return { ok: false, reason: 'not_test' }
  if (await store.hasLiveMoney(tx)) return { ok: false, reason: 'live_money' }
  const counts = await sweep.rehearsalCounts(tx)
  try {
    await sweep.emptyTables(tx, await sweep.tablesToSweep(tx))
  } catch (error) {
    if (sqlState(error) === '55P03') throw new BusyError() // lock_not_available
    if (sqlState(error) === '23001') throw new LiveMoneyError() // restrict_violation
    throw error
  }
  await sweep.giveCouponsBack(tx)
  await sweep.removeMembersButOwner(tx)
  await sweep.closeBackends(tx, ['test'])
  await sweep.openRehearsal(tx)
  await store.markWentLive(tx, false)
  // Set last of all that others listen for; the commit tells them.
  await store.writeUsesKeys(tx, false)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'shop.went_back',
    subject: { kind: 'shop', id: 'shop' },
    detail: {
      orders: counts.orders,
      customers: counts.customers,
      members: counts.members,
      mails: counts.mails,
    },
  })
  return { ok: true, wasDone: false }
}
