import type { OwnerActor } from '#modules/accounts/types.ts'
import type { Answer } from '#modules/catalog/answers.ts'
import { newId } from '#modules/platform/ids.ts'
import { audit, now, type Db, type Tx } from '#modules/platform/server/index.ts'
import { dayMs, minuteMs, zoneNamed } from '#modules/platform/zones.ts'
import { cancelPolicy, movePolicy } from '../change-policy.ts'
import { dateOf, dayNumber } from '../open-time.ts'
import { isInstant, isOffered, slots } from '../slots.ts'
import type { Appointment, AskedDates, Service, SlotRules } from '../types.ts'
import { whyNot, type WhyNot } from '../why-not.ts'
import { hoursAround } from './hours.ts'
import {
  findAppointment,
  findByKey,
  freeSeat,
  hasSeat,
  insertAppointment,
  insertOccasion,
  isOnly,
  lockBooking,
  noteChange,
  releaseIfEmpty,
  releaseOccasion,
  takenBetween,
  writeAttendance,
  writeCancelled,
  writeMoved,
} from './store.appointments.ts'
import { findService } from './store.services.ts'
import { insertAnswers, returnSession, useSession, whyNoSession } from './store.sessions.ts'
import { tellOf } from './telling.ts'

/** Whoever asks for something about an appointment: its customer, by every customer they are, or the owner. */
export type BookingActor =
  | { readonly kind: 'customer'; readonly customerIds: readonly string[] }
  | { readonly kind: 'owner'; readonly owner: OwnerActor }

/**
 * The times of some dates at which a service can be booked, as instants in milliseconds; undefined for a product that is no service. moving: an
 * appointment of this service that is about to be moved: as long as it is, and its own time counts as free where nobody else sits in it.
 */
export async function offeredTimes(
  via: Db,
  productId: string,
  asked: AskedDates,
  moving?: Appointment,
): Promise<readonly number[] | undefined> {
  const current = await findService(via, productId)
  if (!current) return undefined
  const service = moving ? keptFor(current, moving) : current
  const besides =
    moving && (await isOnly(via, moving.occasionId, moving.id)) ? moving.occasionId : undefined
  const zone = zoneNamed(asked.zone)
  const rules = await rulesBetween(
    via,
    service,
    zone.instantOf(dayNumber(asked.from) * dayMs),
    zone.instantOf((dayNumber(asked.to) + 1) * dayMs),
    besides,
  )
  return slots(rules, asked)
}

/** A service as an appointment was booked with it: what it is called and how long it takes stay. */
function keptFor(current: Service, one: Appointment): Service {
  const duration = (one.endsAt.getTime() - one.startsAt.getTime()) / minuteMs
  return { ...current, title: one.title, terms: { ...current.terms, duration } }
}

/** Everything that speaks against a time of a service; [] = it is offered. startsAt: milliseconds. undefined: no service, or no time at all. */
export async function whyNotOffered(
  via: Db,
  productId: string,
  startsAt: number,
): Promise<readonly WhyNot[] | undefined> {
  if (!isInstant(startsAt)) return undefined
  const service = await findService(via, productId)
  return service && whyNot(await rulesBetween(via, service, startsAt, startsAt), startsAt)
}

interface RulesThere extends SlotRules {
  /** The occasions that can be joined, by when they begin. */
  readonly occasions: ReadonlyMap<number, string>
}

/** All that decides about times between two instants, in milliseconds. besides: an occasion that is about to be left. */
async function rulesBetween(
  via: Db,
  service: Service,
  from: number,
  until: number,
  besides?: string,
): Promise<RulesThere> {
  const { terms, productId } = service
  // Limits count whole weeks.
  const reach = 9 * dayMs + (terms.duration + terms.bufferBefore + terms.bufferAfter) * minuteMs
  const utcDate = (instant: number) => new Date(instant).toISOString().slice(0, 10)
  const [hours, taken, clock] = await Promise.all([
    hoursAround(
      via,
      dateOf(dayNumber(utcDate(from)) - 1),
      dateOf(dayNumber(utcDate(until + terms.duration * minuteMs)) + 1),
    ),
    takenBetween(via, new Date(from - reach), new Date(until + reach), besides),
    now(via),
  ])
  const occasions = new Map(
    taken
      .filter((one) => one.productId === productId && one.freeSeats > 0)
      .map(({ startsAt, occasionId }) => [startsAt, occasionId]),
  )
  return {
    hours,
    terms,
    now: clock.getTime(),
    busy: taken.map(({ from: begins, until: ends, productId: whose, startsAt }) => ({
      from: begins,
      until: ends,
      ...(whose === productId ? { countsFrom: startsAt } : {}),
    })),
    joinable: new Set(occasions.keys()),
    occasions,
  }
}

export interface BookingWish {
  /** Of the form: sent twice, it is one appointment. */
  readonly key: string
  readonly productId: string
  readonly customerId: string
  /** Milliseconds. */
  readonly startsAt: number
  /** IANA name: where the customer is. */
  readonly zone: string
  /** The sessions it uses one of; undefined = none. */
  readonly rightId?: string
  /** What was asked and answered. */
  readonly answers?: readonly Answer[]
}

export type BookResult =
  | { readonly ok: true; readonly appointment: Appointment }
  | { readonly ok: false; readonly reason: 'no_service' | 'already_booked' | 'key_taken' }
  /** booked: an appointment by these sessions stands already. */
  | { readonly ok: false; readonly reason: 'no_sessions' | 'booked' }
  /** overlaps: of the owner, who may say so once more. */
  | {
      readonly ok: false
      readonly reason: 'not_offered' | 'overlaps'
      readonly why: readonly WhyNot[]
    }

/**
 * Gives a customer a time that is offered right now, or a free seat in an occasion that begins then. The same key again gets the same answer. Throws
 * a RangeError for a zone that does not exist.
 */
export async function book(tx: Tx, wish: BookingWish): Promise<BookResult> {
  return take(tx, wish, undefined, 'nothing')
}

/**
 * Makes an appointment for a customer. against: what the owner has said to go against: nothing, the rules (hours, notice, window, limits), or
 * even what is taken; an overlap is marked on the occasion. On record.
 */
export async function bookForCustomer(
  tx: Tx,
  owner: OwnerActor,
  wish: BookingWish,
  against: 'nothing' | 'rules' | 'overlap',
): Promise<BookResult> {
  return take(tx, wish, owner, against)
}

/** owner: who makes it for the customer; undefined = the customer. */
async function take(
  tx: Tx,
  wish: BookingWish,
  owner: OwnerActor | undefined,
  against: 'nothing' | 'rules' | 'overlap',
): Promise<BookResult> {
  const zone = zoneNamed(wish.zone)
  if (!isInstant(wish.startsAt)) return { ok: false, reason: 'not_offered', why: [] }
  await lockBooking(tx)
  const known = await findByKey(tx, wish.key)
  if (known) {
    const isSame = known.customerId === wish.customerId && known.productId === wish.productId
    return isSame ? { ok: true, appointment: known } : { ok: false, reason: 'key_taken' }
  }
  const service = await findService(tx, wish.productId)
  if (!service) return { ok: false, reason: 'no_service' }
  const spent = wish.rightId === undefined ? undefined : await whyNoSession(tx, wish.rightId)
  if (spent) return { ok: false, reason: spent }
  const rules = await rulesBetween(tx, service, wish.startsAt, wish.startsAt)
  const why = isOffered(rules, wish.startsAt) ? [] : whyNot(rules, wish.startsAt)
  const refusal = refusalOf(why, against)
  if (refusal) return { ok: false, reason: refusal, why }
  const joined = rules.occasions.get(wish.startsAt)
  if (joined !== undefined && (await hasSeat(tx, joined, wish.customerId)))
    return { ok: false, reason: 'already_booked' }
  const place = await takeSeat(tx, service, wish.startsAt, joined, why)
  const id = newId()
  await insertAppointment(tx, {
    id,
    key: wish.key,
    ...place,
    customerId: wish.customerId,
    service,
    ...shownStart(wish.startsAt, zone.name, rules.hours.zone),
    bookedBy: owner ? 'owner' : 'customer',
    rightId: wish.rightId,
  })
  if (wish.rightId !== undefined) await useSession(tx, wish.rightId)
  await insertAnswers(tx, id, wish.answers ?? [])
  const appointment = await found(tx, id)
  await noteChange(tx, {
    appointmentId: id,
    version: 1,
    kind: 'booked',
    actorKind: owner ? 'owner' : 'member',
    startsAt: appointment.startsAt,
  })
  await tellOf(tx, appointment, { what: 'booked', by: owner ? 'owner' : 'customer' })
  if (owner)
    await audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'appointment.made',
      subject: { kind: 'appointment', id },
      detail: { startsAt: appointment.startsAt.toISOString(), against },
    })
  return { ok: true, appointment }
}

function refusalOf(
  why: readonly WhyNot[],
  against: 'nothing' | 'rules' | 'overlap',
): 'not_offered' | 'overlaps' | undefined {
  if (why.length === 0) return undefined
  if (against === 'nothing') return 'not_offered'
  return against === 'rules' && isOverlap(why) ? 'overlaps' : undefined
}

const isOverlap = (why: readonly WhyNot[]) =>
  why.some(({ rule }) => rule === 'busy' || rule === 'buffer')

interface Place {
  readonly occasionId: string
  readonly seat: number
  readonly seats: number
}

/** A seat in an occasion that can be joined, or in a new one. */
async function takeSeat(
  tx: Tx,
  service: Service,
  startsAt: number,
  joined: string | undefined,
  why: readonly WhyNot[],
): Promise<Place> {
  const occasionId = joined ?? newId()
  if (joined === undefined)
    await insertOccasion(tx, {
      id: occasionId,
      service,
      startsAt: new Date(startsAt),
      isOverlapAllowed: isOverlap(why),
    })
  const free = await freeSeat(tx, occasionId)
  if (!free) throw new Error('An occasion with a free seat has none, under the lock.')
  return { occasionId, ...free }
}

/** What the clocks of the customer and of the shop show, to be kept beside the instant. */
function shownStart(startsAt: number, zone: string, ownerZone: string) {
  const shown = (name: string) =>
    new Date(zoneNamed(name).wallAt(startsAt)).toISOString().slice(0, 16)
  return { localStart: shown(zone), zone, ownerLocalStart: shown(ownerZone), ownerZone }
}

async function found(tx: Tx, id: string): Promise<Appointment> {
  const appointment = await findAppointment(tx, id)
  if (!appointment) throw new Error(`Appointment ${id} is gone, in the transaction that wrote it.`)
  return appointment
}

/** The appointment of whoever asks; another's is as little there as one that never was. */
async function askedFor(tx: Tx, actor: BookingActor, id: string): Promise<Appointment | undefined> {
  const one = await findAppointment(tx, id)
  if (!one) return undefined
  return actor.kind === 'owner' || actor.customerIds.includes(one.customerId) ? one : undefined
}

export type CancelResult =
  | {
      readonly ok: true
      readonly appointment: Appointment
      /** After the cut-off, by the customer. */
      readonly isLate: boolean
      /** It was cancelled before; nothing was done. */
      readonly wasDone: boolean
    }
  | { readonly ok: false; readonly reason: 'not_found' | 'over' | 'not_active' }

/** Cancels an appointment: its seat is free at once. Again does nothing. The owner's are on record. reason: in the words of whoever cancels. */
export async function cancelAppointment(
  tx: Tx,
  actor: BookingActor,
  id: string,
  reason?: string,
): Promise<CancelResult> {
  await lockBooking(tx)
  const one = await askedFor(tx, actor, id)
  if (!one) return { ok: false, reason: 'not_found' }
  if (one.state === 'cancelled') return { ok: true, appointment: one, isLate: false, wasDone: true }
  const policy = cancelPolicy(one, (await now(tx)).getTime())
  if (one.state !== 'confirmed') return { ok: false, reason: 'not_active' }
  if (actor.kind === 'customer' && !policy.ok) return policy
  const isLate = actor.kind === 'customer' && policy.ok && policy.isLate
  const appointment = await cancelNow(tx, one, actor.kind, { reason, givesBack: !isLate })
  if (actor.kind === 'owner')
    await audit(tx, {
      actor: { kind: 'owner', memberId: actor.owner.memberId },
      action: 'appointment.cancelled',
      subject: { kind: 'appointment', id },
      detail: { startsAt: one.startsAt.toISOString() },
    })
  return { ok: true, appointment, isLate, wasDone: false }
}

/** Cancels what stands, with everything that hangs on it. givesBack: its session can be booked again. */
export async function cancelNow(
  tx: Tx,
  one: Appointment,
  by: 'customer' | 'owner' | 'system',
  how: { readonly reason: string | undefined; readonly givesBack: boolean },
): Promise<Appointment> {
  await writeCancelled(tx, one.id, by, how.reason)
  if (how.givesBack && one.rightId !== undefined) await returnSession(tx, one.id, one.rightId)
  await releaseIfEmpty(tx, one.occasionId)
  const appointment = await found(tx, one.id)
  await noteChange(tx, {
    appointmentId: one.id,
    version: appointment.version,
    kind: 'cancelled',
    actorKind: by === 'customer' ? 'member' : by,
    startsAt: one.startsAt,
  })
  await tellOf(tx, appointment, { what: 'cancelled', by, reason: how.reason })
  return appointment
}

export type MoveResult =
  | { readonly ok: true; readonly appointment: Appointment }
  | {
      readonly ok: false
      readonly reason:
        | 'not_found'
        | 'over'
        | 'not_active'
        | 'too_late'
        | 'too_many_moves'
        | 'no_service'
        | 'already_booked'
        /** It is another one than the form showed: moved meanwhile. */
        | 'changed'
    }
  | {
      readonly ok: false
      readonly reason: 'not_offered' | 'overlaps'
      readonly why: readonly WhyNot[]
    }

/**
 * Moves an appointment to another time; its own time counts as free where nobody else has a seat in it. A customer moves to what is offered, before the
 * cut-off and as often as the service allows; the owner as in bookForCustomer. version: of what the form showed. Length, place and policy stay what they
 * were. startsAt: milliseconds.
 */
export async function moveAppointment(
  tx: Tx,
  actor: BookingActor,
  id: string,
  to: { readonly startsAt: number; readonly zone: string; readonly version: number },
  against: 'nothing' | 'rules' | 'overlap' = 'nothing',
): Promise<MoveResult> {
  const zone = zoneNamed(to.zone)
  if (!isInstant(to.startsAt)) return { ok: false, reason: 'not_offered', why: [] }
  await lockBooking(tx)
  const one = await askedFor(tx, actor, id)
  if (!one) return { ok: false, reason: 'not_found' }
  if (one.state !== 'confirmed') return { ok: false, reason: 'not_active' }
  // The same form again: it is there already.
  if (one.startsAt.getTime() === to.startsAt) return { ok: true, appointment: one }
  if (one.version !== to.version) return { ok: false, reason: 'changed' }
  const policy = movePolicy(one, (await now(tx)).getTime())
  if (actor.kind === 'customer' && !policy.ok) return policy
  const current = await findService(tx, one.productId)
  if (!current) return { ok: false, reason: 'no_service' }
  const service = keptFor(current, one)
  const isAlone = await isOnly(tx, one.occasionId, id)
  const besides = isAlone ? one.occasionId : undefined
  const rules = await rulesBetween(tx, service, to.startsAt, to.startsAt, besides)
  const why = isOffered(rules, to.startsAt) ? [] : whyNot(rules, to.startsAt)
  const refusal = refusalOf(why, actor.kind === 'owner' ? against : 'nothing')
  if (refusal) return { ok: false, reason: refusal, why }
  const joined = rules.occasions.get(to.startsAt)
  if (joined !== undefined && (await hasSeat(tx, joined, one.customerId)))
    return { ok: false, reason: 'already_booked' }
  if (isAlone) await releaseOccasion(tx, one.occasionId)
  const place = await takeSeat(tx, service, to.startsAt, joined, why)
  await writeMoved(tx, id, {
    ...place,
    ...shownStart(to.startsAt, zone.name, rules.hours.zone),
    countsAsMove: actor.kind === 'customer',
  })
  const appointment = await found(tx, id)
  await noteChange(tx, {
    appointmentId: id,
    version: appointment.version,
    kind: 'moved',
    actorKind: actor.kind === 'owner' ? 'owner' : 'member',
    startsAt: appointment.startsAt,
    formerStartsAt: one.startsAt,
  })
  await tellOf(tx, appointment, { what: 'moved', by: actor.kind, former: one })
  if (actor.kind === 'owner')
    await audit(tx, {
      actor: { kind: 'owner', memberId: actor.owner.memberId },
      action: 'appointment.moved',
      subject: { kind: 'appointment', id },
      detail: {
        from: one.startsAt.toISOString(),
        to: appointment.startsAt.toISOString(),
        against,
      },
    })
  return { ok: true, appointment }
}

/** Says that it took place, that nobody came, or neither again. Only once it has begun. On record. */
export async function markAttendance(
  tx: Tx,
  owner: OwnerActor,
  id: string,
  state: 'completed' | 'no_show' | 'confirmed',
): Promise<
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'not_active' | 'not_begun' }
> {
  await lockBooking(tx)
  const one = await findAppointment(tx, id)
  if (!one) return { ok: false, reason: 'not_found' }
  if (one.state === state) return { ok: true }
  if (one.state === 'cancelled') return { ok: false, reason: 'not_active' }
  if ((await now(tx)) < one.startsAt) return { ok: false, reason: 'not_begun' }
  await writeAttendance(tx, id, state)
  await noteChange(tx, {
    appointmentId: id,
    version: one.version + 1,
    kind: state === 'confirmed' ? 'restored' : state,
    actorKind: 'owner',
    startsAt: one.startsAt,
  })
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: `appointment.${state}`,
    subject: { kind: 'appointment', id },
  })
  return { ok: true }
}
