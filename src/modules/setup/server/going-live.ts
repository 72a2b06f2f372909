import type { OwnerActor } from '#modules/accounts/types.ts'
import { removeExamplePlans } from '#modules/memberships/server/index.ts'
import { accountOfKey } from '#modules/payments/server/index.ts'
import { audit, setRealTime, sqlState, type Db, type Tx } from '#modules/platform/server/index.ts'
import { modeOfKey } from '#server/settings.ts'
import type { RehearsalCounts } from '../types.ts'
import { givenSettings, homeOfKey, keysOverview, keyToCheck } from './entered.ts'
import { examplesThere } from './store.examples.ts'
import * as store from './store.ts'
import * as sweep from './store.sweep.ts'

export interface GoingLivePreview {
  /** What the shop sells by now, and what it would sell by. undefined: no key was entered. */
  readonly from: 'rehearsal' | 'test' | 'live'
  readonly to: { readonly mode: 'test' | 'live'; readonly ends: string } | undefined
  readonly hasWebhook: boolean
  readonly counts: RehearsalCounts
  /** Titles of example plans, which go: the owner's account at Stripe never hears of them. */
  readonly examplePlans: readonly string[]
  /** Real money is in the shop: nothing of it is ever swept. */
  readonly isRefused: boolean
  /** There is a key to go live with, or something of a rehearsal to sweep away under a key of the environment. */
  readonly isPossible: boolean
}

/** What going live would do, told before it is done. Reads only. */
export async function previewGoingLive(db: Db): Promise<GoingLivePreview> {
  const [overview, counts, examples, isRefused] = await Promise.all([
    keysOverview(db),
    sweep.rehearsalCounts(db),
    examplesThere(db),
    store.hasLiveMoney(db),
  ])
  const target = overview.waiting ?? (overview.isKeyFixed ? overview.inForce : undefined)
  const hasLeftovers = counts.orders + counts.customers + counts.members + counts.mails > 0
  return {
    from: overview.mode,
    to: target && { mode: target.mode, ends: target.hint ?? '' },
    hasWebhook: target?.hasWebhook ?? false,
    counts,
    examplePlans: examples.plans,
    isRefused,
    isPossible:
      !isRefused &&
      (overview.waiting !== undefined
        ? !overview.waiting.isUnreadable
        : overview.isKeyFixed && hasLeftovers),
  }
}

export type GoLiveResult =
  | { readonly ok: true; readonly mode: 'test' | 'live'; readonly wasDone: boolean }
  | { readonly ok: false; readonly reason: 'no_key' | 'live_money' | 'other_key' | 'busy' }

/**
 * Ends the rehearsal: sweeps away what people did in it, sets the clock right, and puts the entered key into force, in this one
 * transaction. Killed in between nothing has happened; called twice the second finds it done. expected: mode and last four signs
 * of the key as the preview showed them; another key was entered meanwhile otherwise. The caller has asked Stripe whether the key
 * is good, and afterwards lets every process take up the settings.
 */
export async function goLive(
  tx: Tx,
  owner: OwnerActor,
  expected: { readonly mode: string; readonly ends: string },
): Promise<GoLiveResult> {
  const state = await store.lockSetup(tx)
  const given = givenSettings()
  const isKeyFixed = given.fixed.includes('STRIPE_SECRET_KEY')
  const overview = await keysOverview(tx)
  const known = await keyToCheck(tx)
  const mode = known && modeOfKey(known.key)
  if (!known || !mode) return { ok: false, reason: 'no_key' }
  const isSame =
    mode === expected.mode &&
    (overview.waiting?.hint ?? overview.inForce?.hint ?? '') === expected.ends
  if (!isSame) return { ok: false, reason: 'other_key' }
  // Twice is once: whoever pressed first has moved the key already.
  if (!isKeyFixed && !overview.waiting) return { ok: true, mode, wasDone: true }
  if (await store.hasLiveMoney(tx)) return { ok: false, reason: 'live_money' }
  const counts = await sweep.rehearsalCounts(tx)
  try {
    await sweep.emptyTables(tx, await sweep.tablesToSweep(tx))
  } catch (error) {
    if (sqlState(error) === lockNotAvailable) throw new BusyError()
    // A real sale began between the question and the lock: the database has the last word.
    if (sqlState(error) === restrictViolation) throw new LiveMoneyError()
    throw error
  }
  await sweep.giveCouponsBack(tx)
  await sweep.removeMembersButOwner(tx)
  await removeExamplePlans(tx, owner)
  await sweep.takeSessionsBack(tx, await sweep.clockOffset(tx))
  await setRealTime(tx)
  await sweep.closeBackends(tx, mode === 'live' ? ['rehearsal', 'test'] : ['rehearsal'])
  await sweep.openBackend(tx, mode, accountOfKey(known.key))
  if (!isKeyFixed) {
    await store.bringKeyIntoForce(tx)
    // Set last of all that others listen for; the commit tells them.
    await store.writeUsesKeys(tx, true)
  }
  await store.markWentLive(tx, true)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'shop.went_live',
    subject: { kind: 'shop', id: 'shop' },
    detail: {
      mode,
      home: homeOfKey(known.key),
      wasUsingKeys: state.usesKeys,
      orders: counts.orders,
      customers: counts.customers,
      members: counts.members,
      mails: counts.mails,
    },
  })
  return { ok: true, mode, wasDone: false }
}

const lockNotAvailable = '55P03'
const restrictViolation = '23001'

/** Readers did not let go in time: nothing was changed, and pressing again helps. */
export class BusyError extends Error {
  override name = 'BusyError'
}

/** Real money came in the moment before: nothing was changed. */
export class LiveMoneyError extends Error {
  override name = 'LiveMoneyError'
}

/**
 * After the shop left its rehearsal: what the built-in sandbox kept is dropped. By any process, any number of times, once its
 * sandbox has ended.
 */
export async function dropRehearsalLeftovers(tx: Tx): Promise<boolean> {
  if (!(await sweep.isRehearsalClosed(tx))) return false
  return sweep.dropSandboxStore(tx)
}
