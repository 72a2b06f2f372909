import type { OwnerActor } from '#modules/accounts/types.ts'
import { disputeStanding } from '#modules/payments/dispute.ts'
import { audit, db, inTransaction, now, type Tx } from '#modules/platform/server/index.ts'
import { addMonths } from '../given-time.ts'
import {
  committedIn,
  countEntries,
  customersOfPerson,
  dueGrants,
  findDebt,
  findLot,
  insertEntry,
  lockTokens,
  lotsBySources,
  lotsToExpire,
  moneyOfLots,
  openDebts,
  reversedOf,
  setDebt,
  setWithdrawn,
  usesOfLots,
  waiveDebts,
  writeDebt,
  type DueGrant,
  type LotMoney,
  type LotRow,
} from './store.tokens.ts'
import { hold, newLot, sumOfDebts } from './tokens.ts'

const mostASweep = 100

/**
 * Gives the tokens that paid periods of a subscription have allotted and nobody has got yet, and takes back those whose payment went back: what is
 * written follows from what is mirrored, so it makes no difference what was heard of first. To be called again is safe.
 */
export async function settleTokens(tx: Tx, subscriptionId: string): Promise<void> {
  const due = await dueGrants(tx, subscriptionId)
  const [first] = due
  if (first) {
    const customerIds = await customersOfPerson(tx, first.customerId)
    await lockTokens(tx, customerIds)
    for (const one of await dueGrants(tx, subscriptionId))
      await grant(tx, subscriptionId, one, customerIds)
  }
  for (const one of await moneyOfLots(tx, { subscriptionId }))
    if (isGone(one) !== one.lot.isWithdrawn) {
      await lockTokens(tx, await customersOfPerson(tx, one.lot.customerId))
      await (isGone(one) ? withdraw(tx, one.lot.id) : restore(tx, one.lot.id))
    }
}

async function grant(
  tx: Tx,
  subscriptionId: string,
  due: DueGrant,
  customerIds: readonly string[],
): Promise<void> {
  const lotId = await newLot(tx, {
    customerId: due.customerId,
    source: 'plan_period',
    key: `plan:${due.invoiceId}`,
    subscriptionId,
    invoiceId: due.invoiceId,
    granted: due.tokens,
    validFrom: due.from,
    validUntil: due.until,
    actor: 'system',
    reason: 'Of a paid period',
  })
  if (lotId === undefined) return
  // First what was promised, then what is owed: nobody loses an appointment for a debt.
  for (const use of await committedIn(tx, subscriptionId, due.from, due.until, due.tokens))
    await hold(tx, use, lotId, 'system')
  await payDebts(tx, lotId, customerIds)
}

async function payDebts(tx: Tx, lotId: string, customerIds: readonly string[]): Promise<void> {
  const lot = await findLot(tx, lotId)
  let left = lot?.remaining ?? 0
  for (const debt of await openDebts(tx, customerIds)) {
    const taken = Math.min(left, debt.tokens - debt.taken)
    if (taken === 0) return
    left -= taken
    await insertEntry(tx, {
      lotId,
      kind: 'adjust',
      delta: -taken,
      key: `debt:${lotId}:${debt.lotId}`,
      actor: 'system',
      reason: 'For tokens that were used and whose payment went back',
    })
    await setDebt(tx, { ...debt, taken: debt.taken + taken })
  }
}

/** Whether the money that paid for a lot is gone, as access follows it: given back whole, or to end it, or taken by a bank. */
function isGone({ paidMinor, refundedMinor, doesThen, disputes }: LotMoney): boolean {
  const standings = disputes.map(disputeStanding)
  if (standings.includes('lost') || standings.includes('open')) return true
  if (doesThen.includes('end')) return true
  const isKept = doesThen.findLast((one) => one !== null) === 'keep'
  return paidMinor > 0 && refundedMinor >= paidMinor && !isKept
}

/** Takes back what is left of a lot; what of it is in use becomes a debt. */
async function withdraw(tx: Tx, lotId: string): Promise<void> {
  const lot = await findLot(tx, lotId)
  if (!lot || lot.isWithdrawn) return
  await setWithdrawn(tx, lotId, true)
  if (lot.remaining > 0)
    await insertEntry(tx, {
      lotId,
      kind: 'reverse',
      delta: -lot.remaining,
      key: `reverse:${lotId}:${await countEntries(tx, lotId)}`,
      actor: 'system',
      reason: 'Its payment went back',
    })
  const { held, captured } = await usesOfLots(tx, [lotId])
  if (held + captured > 0)
    await writeDebt(tx, lot.customerId, { lotId, tokens: held + captured, taken: 0 })
}

/** The money is back after all: so is what was taken for it. */
async function restore(tx: Tx, lotId: string): Promise<void> {
  const lot = await findLot(tx, lotId)
  if (!lot?.isWithdrawn) return
  await setWithdrawn(tx, lotId, false)
  const debt = await findDebt(tx, lotId)
  const back = (await reversedOf(tx, lotId)) + (debt?.taken ?? 0)
  if (debt) await setDebt(tx, { lotId, tokens: 0, taken: 0 })
  if (back > 0)
    await insertEntry(tx, {
      lotId,
      kind: 'adjust',
      delta: Math.min(back, lot.granted - lot.remaining),
      key: `restore:${lotId}:${await countEntries(tx, lotId)}`,
      actor: 'system',
      reason: 'Its payment is back',
    })
}

/** Enters the end of lots whose time is over; they pay for nothing from that moment on, whether this runs or not. Returns how many there were. */
export async function sweepTokens(): Promise<number> {
  const due = await lotsToExpire(db(), mostASweep)
  for (const lot of due) await inTransaction((tx) => expire(tx, lot))
  return due.length
}

async function expire(tx: Tx, { id, customerId }: LotRow): Promise<void> {
  await lockTokens(tx, [customerId])
  const lot = await findLot(tx, id)
  if (!lot?.validUntil || lot.remaining === 0 || lot.validUntil > (await now(tx))) return
  await insertEntry(tx, {
    lotId: id,
    kind: 'expire',
    delta: -lot.remaining,
    key: `expire:${id}:${await countEntries(tx, id)}`,
    actor: 'system',
    reason: 'Not used in time',
  })
}

// ---- by the owner's hand ----

/** So many tokens are given at once at most. */
export const mostTokensGiven = 1_000

export interface GivenTokens {
  /** Of the form: sent twice, they are given once. */
  readonly key: string
  readonly customerId: string
  readonly tokens: number
  /** The customer reads it. */
  readonly reason: string
  /** undefined = without an end. */
  readonly validUntil: Date | undefined
  /** Whose token is made good; once for each appointment, as goodwill. */
  readonly appointmentId?: string
}

export type GiveTokensResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'bad_number' | 'is_past' | 'given_already' }

/** Gives a customer tokens; on record. given_already: the token of that appointment was made good before. */
export async function giveTokens(
  tx: Tx,
  owner: OwnerActor,
  given: GivenTokens,
): Promise<GiveTokensResult> {
  const { tokens, validUntil, customerId, appointmentId } = given
  if (!Number.isInteger(tokens) || tokens < 1 || tokens > mostTokensGiven)
    return { ok: false, reason: 'bad_number' }
  const validFrom = await now(tx)
  if (validUntil && validUntil <= validFrom) return { ok: false, reason: 'is_past' }
  const customerIds = await customersOfPerson(tx, customerId)
  await lockTokens(tx, customerIds)
  const key = appointmentId === undefined ? `given:${given.key}` : `goodwill:${appointmentId}`
  const lotId = await newLot(tx, {
    customerId,
    source: appointmentId === undefined ? 'manual' : 'goodwill',
    key,
    granted: tokens,
    validFrom,
    validUntil,
    words: given.reason,
    actor: 'owner',
    reason: appointmentId === undefined ? 'Given by the shop' : 'Made good by the shop',
  })
  if (lotId === undefined)
    return appointmentId === undefined ? { ok: true } : { ok: false, reason: 'given_already' }
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'tokens.given',
    subject: { kind: 'customer', id: customerId },
    detail: { tokens, until: validUntil?.toISOString() ?? null },
  })
  return { ok: true }
}

/** Lets a person off the tokens they owe; on record. Returns how many that were. */
export async function waiveTokenDebt(
  tx: Tx,
  owner: OwnerActor,
  customerId: string,
): Promise<number> {
  const customerIds = await customersOfPerson(tx, customerId)
  await lockTokens(tx, customerIds)
  const debts = await openDebts(tx, customerIds)
  if (debts.length === 0) return 0
  await waiveDebts(
    tx,
    debts.map(({ lotId }) => lotId),
  )
  const tokens = sumOfDebts(debts)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'tokens.debt_waived',
    subject: { kind: 'customer', id: customerId },
    detail: { tokens },
  })
  return tokens
}

// ---- packs ----

/** Gives the tokens of a bought pack, valid for so many months from now; once for each piece of an order line. What is owed is taken from them. */
export async function grantPack(
  tx: Tx,
  pack: {
    readonly customerId: string
    readonly lineId: string
    readonly piece: number
    readonly tokens: number
    readonly months: number
  },
): Promise<void> {
  const customerIds = await customersOfPerson(tx, pack.customerId)
  await lockTokens(tx, customerIds)
  const validFrom = await now(tx)
  const lotId = await newLot(tx, {
    customerId: pack.customerId,
    source: 'pack',
    key: `pack:${pack.lineId}:${pack.piece}`,
    granted: pack.tokens,
    validFrom,
    validUntil: addMonths(validFrom, pack.months),
    actor: 'system',
    reason: 'Bought',
  })
  if (lotId !== undefined) await payDebts(tx, lotId, customerIds)
}

/** Takes back the packs of an order line whose money went back; what of them is in use becomes a debt. Again does nothing. */
export async function revokePacks(tx: Tx, lineId: string): Promise<void> {
  for (const lot of await lotsBySources(tx, `pack:${lineId}:`)) {
    await lockTokens(tx, await customersOfPerson(tx, lot.customerId))
    await withdraw(tx, lot.id)
  }
}
