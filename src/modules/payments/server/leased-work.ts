import { inTransaction, type Tx } from '#modules/platform/server/index.ts'
import type { Lane } from '../gateway.ts'
import { inQuietTurn } from './quiet-turns.ts'
import { finishGroup } from './store.inbox.ts'

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

export async function finish(
  lease: Lease,
  events: readonly string[],
  state: 'done' | 'ignored',
  words: string,
): Promise<string> {
  await inTransaction((tx) => endWith(tx, lease, events, state, words), 'money')
  return words
}
