import { customerIdsOf } from '#modules/accounts/server/index.ts'
import type { Answer } from '#modules/catalog/answers.ts'
import { openRights } from '#modules/entitlements/server/index.ts'
import type { Entitlement } from '#modules/entitlements/types.ts'
import { isId } from '#modules/platform/ids.ts'
import { inTransaction, now, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Appointment, Sessions } from '../types.ts'
import { book, cancelNow, type BookResult } from './appointments.ts'
import { findAppointment, lockBooking } from './store.appointments.ts'
import {
  activeOf,
  answersOf,
  completePassed,
  insertRight,
  lastAnswers,
  rightsFrom,
  writeGranted,
  type RightSource,
} from './store.sessions.ts'

/** What somebody may book of these services, by product; those of which they have no sessions are left out. */
export async function sessionsOf(
  via: Db,
  memberId: string,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, Sessions>> {
  const customerIds = await customerIdsOf(via, memberId)
  const entitlements = await openRights(via, customerIds, 'product', productIds)
  const rights = await rightsFrom(via, entitlements.flatMap(sourceOf))
  const [standing, clock] = await Promise.all([
    activeOf(
      via,
      rights.map(({ id }) => id),
    ),
    now(via),
  ])
  const active = standing.filter((one) => one.endsAt > clock)
  return new Map(
    [...Map.groupBy(rights, ({ productId }) => productId)].map(([productId, own]) => [
      productId,
      {
        granted: own.reduce((sum, right) => sum + right.granted, 0),
        used: own.reduce((sum, right) => sum + right.used, 0),
        active: active.find((one) => one.productId === productId),
      },
    ]),
  )
}

function sourceOf({ source: { kind, id }, subjectId }: Entitlement): RightSource[] {
  return kind === 'order_line' || kind === 'comp' ? [{ kind, id, productId: subjectId }] : []
}

export interface SessionWish {
  /** Of the form: sent twice, it is one appointment. */
  readonly key: string
  readonly memberId: string
  readonly productId: string
  /** Milliseconds. */
  readonly startsAt: number
  /** IANA name: where they are. */
  readonly zone: string
  readonly answers: readonly Answer[]
}

/**
 * Books a time with a session that a member bought or was given; the oldest that is left is used. not_found: nothing of this service opens to
 * them. Otherwise as book().
 */
export async function bookSession(
  tx: Tx,
  wish: SessionWish,
): Promise<BookResult | { readonly ok: false; readonly reason: 'not_found' }> {
  if (!isId(wish.productId)) return { ok: false, reason: 'not_found' }
  await lockBooking(tx)
  const customerIds = await customerIdsOf(tx, wish.memberId)
  const entitlements = await openRights(tx, customerIds, 'product', [wish.productId])
  const rights = await rightsFrom(tx, entitlements.flatMap(sourceOf))
  if (rights.length === 0) return { ok: false, reason: 'not_found' }
  for (const right of rights) await completePassed(tx, { rightId: right.id })
  const active = await activeOf(
    tx,
    rights.map(({ id }) => id),
  )
  // The same form again is answered by book() as it was.
  const right = rights.find(({ used, granted }) => used < granted) ?? rights[0]
  const customerId = entitlements.find((one) => one.source.id === right?.sourceId)?.customerId
  if (!right || customerId === undefined) return { ok: false, reason: 'not_found' }
  const { key, productId, startsAt, zone, answers } = wish
  return book(tx, {
    key,
    productId,
    customerId,
    startsAt,
    zone,
    answers,
    rightId: active[0]?.rightId ?? right.id,
  })
}

/** A paid line, or something given, brings so many sessions; again it brings none. */
export async function grantSessions(tx: Tx, source: RightSource, quantity: number): Promise<void> {
  await insertRight(tx, source, quantity)
}

/**
 * So many sessions are left of a line, 0 = it was taken back whole. What stands is cancelled where no session is left for it, and its holder is told;
 * what took place stays used.
 */
export async function shrinkSessions(tx: Tx, source: RightSource, left: number): Promise<void> {
  await lockBooking(tx)
  const [known] = await rightsFrom(tx, [source])
  if (!known) return
  await completePassed(tx, { rightId: known.id })
  const [right] = await rightsFrom(tx, [source])
  const [active] = await activeOf(tx, [known.id])
  const hasBegun = active !== undefined && (await now(tx)) >= active.startsAt
  if (active && !hasBegun && right && right.used > left)
    await cancelNow(tx, active, 'system', {
      reason: 'The purchase it belonged to was refunded.',
      givesBack: true,
    })
  await writeGranted(tx, known.id, left)
}

/** One appointment of a member with what they answered; undefined: it is not theirs, or none. */
export async function appointmentOfMember(
  via: Db,
  memberId: string,
  id: string,
): Promise<(Appointment & { readonly answers: readonly Answer[] }) | undefined> {
  if (!isId(id)) return undefined
  const one = await findAppointment(via, id)
  if (!one || !(await customerIdsOf(via, memberId)).includes(one.customerId)) return undefined
  return { ...one, answers: await answersOf(via, id) }
}

/** What a member answered last about a service. */
export async function answersBefore(
  via: Db,
  memberId: string,
  productId: string,
): Promise<readonly Answer[]> {
  return lastAnswers(via, await customerIdsOf(via, memberId), productId)
}

/** Counts as taken place what is over, at most 500 a round. */
export async function completeAppointments(): Promise<number> {
  return inTransaction(async (tx) => {
    await lockBooking(tx)
    return completePassed(tx, { most: 500 })
  })
}
