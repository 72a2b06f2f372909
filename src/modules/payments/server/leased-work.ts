import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, type Tx } from '#modules/platform/server/index.ts'
import type { Lane } from '../gateway.ts'
import { inQuietTurn } from './quiet-turns.ts'
import { finishGroup, giveBackLease, takeLease } from './store.inbox.ts'
import { wakeWorker } from './wake.ts'

/** Another worker took over while Stripe was asked: what we know may be old and must not be written. */
export class LostLeaseError extends Error {
  override name = 'LostLeaseError'
}

/** The right to work on one object. */
export interface Lease {
  readonly groupKey: string
  readonly holder: string
}

export const leaseSeconds = 60

export interface Reason {
  /** For the record: an event id, 'return page', 'sweep', 'owner'. */
  readonly cause: string
  readonly lane: Lane
}

/** Ends a transaction that writes a result: whoever lost the lease meanwhile rolls everything back. */
export async function endWith(
  tx: Tx,
  lease: Lease,
  events: readonly string[],
  state: 'done' | 'ignored',
  words: string,
): Promise<void> {
  if (!(await finishGroup(tx, lease, events, state, words)))
    throw new LostLeaseError(lease.groupKey)
}

/** One transaction; for somebody who waits at once, for all others when it is their turn. */
export function written<Result>(
  reason: Reason,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const write = () => inTransaction(work, 'money')
  return reason.lane === 'person' ? write() : inQuietTurn(write)
}

/**
 * Works on one object under its lease. busy: somebody else has it, or took it over meanwhile. Events of it that waited for the lease
 * are gone on with afterwards. Throws what the work throws.
 */
export async function underLease(
  groupKey: string,
  work: (lease: Lease) => Promise<unknown>,
): Promise<'done' | 'busy'> {
  const lease = { groupKey, holder: newId() }
  if (!(await takeLease(lease.groupKey, lease.holder, leaseSeconds))) return 'busy'
  try {
    await work(lease)
    return 'done'
  } catch (error) {
    await giveBackLease(db('money'), lease.groupKey, lease.holder)
    if (error instanceof LostLeaseError) return 'busy'
    throw error
  } finally {
    wakeWorker()
  }
}

export async function finish(
  lease: Lease,
  events: readonly string[],
  state: 'done' | 'ignored',
  words: string,
): Promise<string> {
  await inTransaction((tx) => endWith(tx, lease, events, state, words), 'money')
  return words
}
