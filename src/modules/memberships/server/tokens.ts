import { newId } from '#modules/platform/ids.ts'
import { now, type Db, type Tx } from '#modules/platform/server/index.ts'
import {
  chooseTokens,
  isValid,
  periodAfter,
  type NextPeriod,
  type TokenPick,
  type TokenRefusal,
  type WantedToken,
} from '../token-choice.ts'
import { readRules } from './store.mirror.ts'
import {
  commitmentsFrom,
  commitmentsWithout,
  countCommitted,
  entriesOf,
  findDebt,
  findLot,
  findUse,
  findUses,
  insertEntry,
  insertLot,
  lockTokens,
  lotsAt,
  lotsLeft,
  openDebts,
  payingSubscriptions,
  setDebt,
  usesOfLots,
  writeUse,
  type EntryRow,
  type LotRow,
  type PayingSubscription,
  type TokenActor,
  type UseRow,
} from './store.tokens.ts'

const dayMs = 86_400_000
/** So long a token is good that comes back when its lot has ended. */
const returnedDays = { customer: 14, system: 14, owner: 30 } as const

export interface TokenWish {
  /** Every customer the person is: their tokens count together. */
  readonly customerIds: readonly string[]
  /** The one that books. */
  readonly customerId: string
  readonly holds: readonly WantedToken[]
}

export type HoldResult =
  | {
      readonly ok: true
      /** Which of them wait for the next paid period. */
      readonly committed: readonly string[]
    }
  | { readonly ok: false; readonly reason: 'debt'; readonly debt: number }
  | TokenRefusal

/**
 * Takes one token for each appointment, or none at all. What begins in the next paid period, and finds no token that is valid then, is promised one of
 * that period's. An appointment that has its token keeps it: the same again does nothing.
 */
export async function holdTokens(tx: Tx, wish: TokenWish): Promise<HoldResult> {
  const { customerId } = wish
  const customerIds = [...new Set([customerId, ...wish.customerIds])]
  await lockTokens(tx, customerIds)
  const known = await findUses(
    tx,
    wish.holds.map(({ appointmentId }) => appointmentId),
  )
  const going = new Set(
    known.filter(({ state }) => state !== 'released').map(({ appointmentId }) => appointmentId),
  )
  const wanted = wish.holds.filter(({ appointmentId }) => !going.has(appointmentId))
  if (wanted.length > 0) {
    const debt = sumOfDebts(await openDebts(tx, customerIds))
    if (debt > 0) return { ok: false, reason: 'debt', debt }
    const choice = await choose(tx, customerIds, wanted)
    if (!choice.ok) return choice
    for (const pick of choice.picks) await take(tx, customerId, pick, 'customer')
  }
  const all = await findUses(
    tx,
    wish.holds.map(({ appointmentId }) => appointmentId),
  )
  return {
    ok: true,
    committed: all
      .filter(({ state }) => state === 'committed')
      .map(({ appointmentId }) => appointmentId),
  }
}

export const sumOfDebts = (
  debts: readonly { readonly tokens: number; readonly taken: number }[],
): number => debts.reduce((sum, { tokens, taken }) => sum + tokens - taken, 0)

async function choose(tx: Tx, customerIds: readonly string[], wanted: readonly WantedToken[]) {
  const lots = await lotsLeft(tx, customerIds, await now(tx))
  return chooseTokens(wanted, lots, await nextPeriods(tx, customerIds))
}

/** The next period of each subscription that will be paid: the present one, if its payment is still on its way. */
async function nextPeriods(via: Db, customerIds: readonly string[]): Promise<NextPeriod[]> {
  const periods: NextPeriod[] = []
  for (const one of await payingSubscriptions(via, customerIds)) {
    const { from, until } = nextPeriodOf(one)
    if (one.cancelsAt && one.cancelsAt <= from) continue
    periods.push({
      subscriptionId: one.id,
      from,
      until: one.cancelsAt && one.cancelsAt < until ? one.cancelsAt : until,
      allotment: one.allotment,
      committed: await countCommitted(via, one.id, from, until),
    })
  }
  return periods
}

function nextPeriodOf(one: PayingSubscription): { readonly from: Date; readonly until: Date } {
  if (!one.isPaid) return { from: one.periodFrom, until: one.periodUntil }
  const interval = { unit: one.unit, count: one.count }
  return { from: one.periodUntil, until: periodAfter(one.periodUntil, interval, one.anchor) }
}

async function take(tx: Tx, customerId: string, pick: TokenPick, actor: TokenActor): Promise<void> {
  const { appointmentId, startsAt, version } = pick
  const use = { appointmentId, customerId, startsAt, version, isSpent: false }
  if (pick.from === 'next_period')
    return writeUse(tx, {
      ...use,
      state: 'committed',
      lotId: undefined,
      subscriptionId: pick.subscriptionId,
      periodFrom: pick.periodFrom,
    })
  await hold(tx, { ...use, subscriptionId: undefined, periodFrom: undefined }, pick.lotId, actor)
}

/** Takes the token out of its lot. */
export async function hold(
  tx: Tx,
  use: Omit<UseRow, 'state' | 'lotId'>,
  lotId: string,
  actor: TokenActor,
): Promise<void> {
  const { appointmentId, version } = use
  const isNew = await insertEntry(tx, {
    lotId,
    kind: 'hold',
    delta: -1,
    appointmentId,
    key: `hold:${appointmentId}:${version}`,
    actor,
    reason: use.periodFrom ? 'Booked ahead, and the period is paid' : 'Booked',
  })
  if (!isNew)
    throw new Error(`Appointment ${appointmentId} held a token as version ${version} before.`)
  await writeUse(tx, { ...use, state: 'held', lotId })
  if (use.isSpent) await spend(tx, { ...use, state: 'held', lotId }, lotId)
}

/** The use of an appointment, under the locks of whoever it concerns. */
async function lockedUse(tx: Tx, appointmentId: string): Promise<UseRow | undefined> {
  const seen = await findUse(tx, appointmentId)
  if (!seen) return undefined
  const lot = seen.lotId === undefined ? undefined : await findLot(tx, seen.lotId)
  await lockTokens(tx, [seen.customerId, ...(lot ? [lot.customerId] : [])])
  return findUse(tx, appointmentId)
}

export type MoveTokenResult = { readonly ok: true } | TokenRefusal

/**
 * Lets the token go with an appointment that moves. It stays the same one where it is valid at the new time, and always where the owner moves it; else
 * it goes back and another one is taken, or nothing is done. version: the appointment's after the move. Debts do not stand in the way: nothing new is booked.
 */
export async function moveTokenHold(
  tx: Tx,
  move: WantedToken & {
    readonly customerIds: readonly string[]
    readonly by: 'customer' | 'owner'
  },
): Promise<MoveTokenResult> {
  const { appointmentId, startsAt, version, by } = move
  const seen = await findUse(tx, appointmentId)
  if (!seen) return { ok: true }
  const customerIds = [...new Set([seen.customerId, ...move.customerIds])]
  const of = seen.lotId === undefined ? undefined : await findLot(tx, seen.lotId)
  await lockTokens(tx, [...customerIds, ...(of ? [of.customerId] : [])])
  const use = await findUse(tx, appointmentId)
  // Paid for in another way; or moved before.
  if (!use || use.state === 'released' || use.startsAt.getTime() === startsAt.getTime())
    return { ok: true }
  const lot = use.lotId === undefined ? undefined : await findLot(tx, use.lotId)
  if (lot && (by === 'owner' || isValid(lot, startsAt))) {
    await writeUse(tx, { ...use, startsAt })
    return { ok: true }
  }
  const periods = await nextPeriods(tx, customerIds)
  const isSamePeriod = periods.some(
    (one) =>
      use.state === 'committed' &&
      one.subscriptionId === use.subscriptionId &&
      one.from <= startsAt &&
      startsAt < one.until,
  )
  if (isSamePeriod || (by === 'owner' && use.state === 'committed')) {
    await writeUse(tx, { ...use, startsAt })
    return { ok: true }
  }
  const choice = await choose(tx, customerIds, [{ appointmentId, startsAt, version }])
  if (!choice.ok) return choice
  await giveBack(tx, use, by)
  for (const pick of choice.picks) await take(tx, use.customerId, pick, by)
  return { ok: true }
}

/**
 * The token of an appointment is used: it was attended, nobody came, or it was cancelled too late. Again does nothing. false: no token is held for it. One that
 * waits for the next paid period is used as soon as that is paid.
 */
export async function captureToken(tx: Tx, appointmentId: string): Promise<boolean> {
  const use = await lockedUse(tx, appointmentId)
  if (!use || use.state === 'released') return false
  if (use.state === 'captured') return true
  if (use.lotId === undefined) await writeUse(tx, { ...use, isSpent: true })
  else await spend(tx, use, use.lotId)
  return true
}

async function spend(tx: Tx, use: UseRow, lotId: string): Promise<void> {
  await insertEntry(tx, {
    lotId,
    kind: 'capture',
    delta: 0,
    appointmentId: use.appointmentId,
    key: `capture:${use.appointmentId}:${use.version}`,
    actor: 'system',
    reason: 'Used',
  })
  await writeUse(tx, { ...use, state: 'captured', isSpent: true })
}

export interface ReleaseResult {
  /**
   * Where the token is now. lot: where it came from. new_lot: in one of its own, because that one has ended, or ends soon and the owner gave it back. promise:
   * nothing was taken yet. settled: its payment went back, and it makes up for that. nothing: no token was held.
   */
  readonly to: 'lot' | 'new_lot' | 'promise' | 'settled' | 'nothing'
  /** Until when it is valid; undefined = without an end, or none came back. */
  readonly validUntil: Date | undefined
}

/** Gives the token of an appointment back, used or not. Again does nothing. */
export async function releaseToken(
  tx: Tx,
  what: { readonly appointmentId: string; readonly by: TokenActor },
): Promise<ReleaseResult> {
  const use = await lockedUse(tx, what.appointmentId)
  if (!use || use.state === 'released') return { to: 'nothing', validUntil: undefined }
  return giveBack(tx, use, what.by)
}

async function giveBack(tx: Tx, use: UseRow, by: TokenActor): Promise<ReleaseResult> {
  await writeUse(tx, { ...use, state: 'released' })
  const lot = use.lotId === undefined ? undefined : await findLot(tx, use.lotId)
  if (!lot) return { to: 'promise', validUntil: undefined }
  const { appointmentId, version } = use
  const of = `${appointmentId}:${version}`
  await insertEntry(tx, {
    lotId: lot.id,
    kind: 'release',
    delta: 1,
    appointmentId,
    key: `release:${of}`,
    actor: by,
    reason: by === 'owner' ? 'Given back by the shop' : 'Cancelled or moved in time',
  })
  if (lot.isWithdrawn && !(await isMadeUp(tx, lot, of)))
    return { to: 'settled', validUntil: undefined }
  const at = await now(tx)
  const lasts = new Date(at.getTime() + returnedDays[by] * dayMs)
  const isEnough =
    lot.validUntil === undefined || (by === 'owner' ? lot.validUntil >= lasts : lot.validUntil > at)
  if (isEnough && !lot.isWithdrawn) return { to: 'lot', validUntil: lot.validUntil }
  if (!lot.isWithdrawn)
    await insertEntry(tx, {
      lotId: lot.id,
      kind: 'expire',
      delta: -1,
      key: `expire:${lot.id}:${of}`,
      actor: by,
      reason: 'Goes on as a token of its own',
    })
  await newLot(tx, {
    customerId: lot.customerId,
    source: 'returned',
    key: `returned:${of}`,
    subscriptionId: lot.subscriptionId,
    granted: 1,
    validFrom: at,
    validUntil: lasts,
    actor: by,
    reason: 'Given back after its time had ended',
  })
  return { to: 'new_lot', validUntil: lasts }
}

/**
 * A token comes back to a lot whose payment went back: it goes too, and the debt it was part of is less. true: that debt was paid with another token
 * already, so one is to be given for it.
 */
async function isMadeUp(tx: Tx, lot: LotRow, of: string): Promise<boolean> {
  await insertEntry(tx, {
    lotId: lot.id,
    kind: 'reverse',
    delta: -1,
    key: `reverse:${lot.id}:${of}`,
    actor: 'system',
    reason: 'Its payment went back',
  })
  const debt = await findDebt(tx, lot.id)
  if (!debt || debt.isWaived) return false
  const isPaid = debt.taken >= debt.tokens && debt.taken > 0
  if (debt.tokens > 0)
    await setDebt(tx, {
      ...debt,
      tokens: debt.tokens - 1,
      taken: Math.min(debt.taken, debt.tokens - 1),
    })
  return isPaid
}

/** Makes a lot and enters its grant. undefined: there is one from this source. */
export async function newLot(
  tx: Tx,
  lot: {
    readonly customerId: string
    readonly source: LotRow['source']
    readonly key: string
    readonly subscriptionId?: string | undefined
    readonly invoiceId?: string
    readonly granted: number
    readonly validFrom: Date
    readonly validUntil: Date | undefined
    readonly words?: string
    readonly actor: TokenActor
    readonly reason: string
  },
): Promise<string | undefined> {
  const id = newId()
  if (!(await insertLot(tx, { ...lot, id }))) return undefined
  await insertEntry(tx, {
    lotId: id,
    kind: 'grant',
    delta: lot.granted,
    key: `grant:${lot.key}`,
    actor: lot.actor,
    reason: lot.reason,
  })
  return id
}

export interface TokenBalance {
  /** Can be booked with right now. */
  readonly free: number
  /** Of what is valid now: held for appointments that are to come. */
  readonly reserved: number
  readonly used: number
  readonly granted: number
  /** Promised from the next paid period. */
  readonly committed: number
  /** When the next ones come; undefined: none will. */
  readonly renewsAt: Date | undefined
  /** As many as come then. */
  readonly renewsWith: number
  /** Used, and their payment went back: nothing is booked until they are made up for. */
  readonly debt: number
  readonly lots: readonly {
    readonly id: string
    readonly source: LotRow['source']
    readonly granted: number
    readonly free: number
    readonly validUntil: Date | undefined
  }[]
}

/** The tokens of a person at a moment, all their customers together. */
export async function tokenBalance(
  via: Db,
  customerIds: readonly string[],
  at: Date,
): Promise<TokenBalance> {
  const lots = (await lotsAt(via, customerIds, at)).filter(({ isWithdrawn }) => !isWithdrawn)
  const uses = await usesOfLots(
    via,
    lots.map(({ id }) => id),
  )
  const periods = await nextPeriods(via, customerIds)
  const next = periods.find(({ allotment }) => allotment > 0)
  return {
    free: lots.reduce((sum, { remaining }) => sum + remaining, 0),
    reserved: uses.held,
    used: uses.captured,
    granted: lots.reduce((sum, { granted }) => sum + granted, 0),
    committed: periods.reduce((sum, { committed }) => sum + committed, 0),
    renewsAt: next?.from,
    renewsWith: next?.allotment ?? 0,
    debt: sumOfDebts(await openDebts(via, customerIds)),
    lots: lots.map(({ id, source, granted, remaining, validUntil }) => ({
      id,
      source,
      granted,
      free: remaining,
      validUntil,
    })),
  }
}

const entriesAPage = 50

export interface TokenEntries {
  readonly rows: readonly EntryRow[]
  /** Of the next page; undefined: this is the last. */
  readonly before: string | undefined
}

/** The ledger of a person, newest first, 50 a page, each entry with what was left after it. before: of the former page. */
export async function tokenEntries(
  via: Db,
  customerIds: readonly string[],
  before?: string,
): Promise<TokenEntries> {
  const known = before !== undefined && /^\d{1,18}$/.test(before) ? before : undefined
  const rows = await entriesOf(via, customerIds, known, entriesAPage + 1)
  const shown = rows.slice(0, entriesAPage)
  return { rows: shown, before: rows.length > entriesAPage ? shown.at(-1)?.id : undefined }
}

/**
 * Appointments that wait for tokens which will not come: the subscription is over or its payment stayed out longer than the grace, or the period was paid
 * and gave too few. Whoever books cancels them, which releases them. At most 100.
 */
export async function commitmentsToRelease(
  via: Db,
): Promise<readonly { readonly appointmentId: string; readonly customerId: string }[]> {
  const { graceDays } = await readRules(via)
  return commitmentsWithout(via, graceDays, 100)
}

/** Appointments that wait for a subscription's next tokens, the newest first: what is lost when it ends or gives fewer. At most 100. */
export async function commitmentsOf(
  via: Db,
  subscriptionId: string,
): Promise<readonly { readonly appointmentId: string; readonly startsAt: Date }[]> {
  return commitmentsFrom(via, subscriptionId, 100)
}
