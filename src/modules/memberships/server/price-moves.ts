import type { OwnerActor } from '#modules/accounts/types.ts'
import { GatewayError } from '#modules/payments/gateway.ts'
import { currentBackend, syncSubscription, within } from '#modules/payments/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import {
  audit,
  db,
  inTransaction,
  log,
  now,
  queueMail,
  sha256,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import {
  firstRenewal,
  moveRefusal,
  noticeDays,
  type MoveRefusal,
  type PersonState,
} from '../price-move.ts'
import type { Plan } from '../types.ts'
import { personLimitMs } from './look-now.ts'
import { priceKeptMail, priceToComeMail } from './mails/price-move.ts'
import { eventOf } from './mirror.ts'
import { changeable, notePlan } from './store.changing.ts'
import { insertEvents, lockMirrored } from './store.mirror.ts'
import * as store from './store.price-moves.ts'
import { askForSync, findPlan, lockPlan, priceAtStripe } from './store.plans.ts'

const aPage = 25
const mostMoves = 5
const dayMs = 86_400_000
/** Mails of one step, and the pause after it, over all processes: about 240 a minute, so that a mail server is not flooded. */
const aStep = { people: 20, pauseMs: 5_000 }
/** Subscriptions that one round asks Stripe for. */
const mostARound = 50
const toldCause = 'moved to another price by the owner'
const keptCause = 'the owner called the other price off'

// ---- before ----

export interface MovePreview {
  readonly from: Plan
  readonly to: Plan
  readonly counts: store.MoveCounts
  readonly page: ListPage<
    store.MovableRow & {
      /** Its first payment of the other price, if they were told now. */
      readonly firstAt: Date | undefined
    }
  >
}

export type MovePreviewResult =
  | { readonly ok: true; readonly preview: MovePreview }
  | { readonly ok: false; readonly reason: MoveRefusal | 'not_found' | 'not_at_stripe' }

/** Whom a move would reach, what they pay now and then and from when, and who is left out and why; 25 a page. No call to Stripe. */
export async function previewMove(
  db: Db,
  wish: { readonly fromPlanId: string; readonly toPlanId: string; readonly noticeDays: number },
  turn: Turn,
): Promise<MovePreviewResult> {
  const { id: backendId } = await currentBackend()
  const found = await plansOfMove(db, backendId, wish.fromPlanId, wish.toPlanId)
  if (!found.ok) return found
  const [counts, page, at] = await Promise.all([
    store.countMovable(db, backendId, found.from.id),
    readPage(turn, aPage, (reach) => store.movableRows(db, backendId, found.from.id, reach)),
    now(db),
  ])
  const over = new Date(at.getTime() + wish.noticeDays * dayMs)
  const rows = page.rows.map((row) => ({
    ...row,
    firstAt:
      row.reason === undefined && row.periodEndsAt
        ? firstRenewal(
            { ...row, periodEndsAt: row.periodEndsAt, isTrial: row.status === 'trialing' },
            over,
          )
        : undefined,
  }))
  const { from, to } = found
  return { ok: true, preview: { from, to, counts, page: { ...page, rows } } }
}

async function plansOfMove(
  db: Db,
  backendId: number,
  fromPlanId: string,
  toPlanId: string,
): Promise<
  | { readonly ok: true; readonly from: Plan; readonly to: Plan }
  | { readonly ok: false; readonly reason: MoveRefusal | 'not_found' | 'not_at_stripe' }
> {
  const from = isId(fromPlanId) ? await findPlan(db, fromPlanId) : undefined
  const to = isId(toPlanId) ? await findPlan(db, toPlanId) : undefined
  if (!from || !to) return { ok: false, reason: 'not_found' }
  const refusal = moveRefusal(from, to)
  if (refusal) return { ok: false, reason: refusal }
  if ((await priceAtStripe(db, backendId, to.id)) === undefined)
    return { ok: false, reason: 'not_at_stripe' }
  return { ok: true, from, to }
}

// ---- begin, call off, try again ----

export type StartMoveResult =
  | { readonly ok: true; readonly moveId: string }
  | {
      readonly ok: false
      readonly reason:
        | MoveRefusal
        | 'not_found'
        | 'not_at_stripe'
        | 'notice'
        /** Another move of this plan goes on. */
        | 'running'
        /** Not as many as were shown. */
        | 'changed'
        | 'nobody'
    }

/**
 * Begins to move a plan's subscribers to another plan's price: everybody there is now is written down, and told in steps (tellMoves).
 * Nothing is charged and nothing asked of Stripe by it. wish.id: of the form, so that pressed twice it is begun once. shown: how many were
 * shown to be moved. On record.
 */
export async function startMove(
  tx: Tx,
  owner: OwnerActor,
  wish: {
    readonly id: string
    readonly fromPlanId: string
    readonly toPlanId: string
    readonly noticeDays: number
    readonly shown: number
  },
): Promise<StartMoveResult> {
  const { id: backendId } = await currentBackend()
  if (!isId(wish.id)) return { ok: false, reason: 'not_found' }
  if (
    !Number.isInteger(wish.noticeDays) ||
    wish.noticeDays < noticeDays.least ||
    wish.noticeDays > noticeDays.most
  )
    return { ok: false, reason: 'notice' }
  // Locked, so that the plan is not disabled at this very moment, and the second press waits for the first.
  if (isId(wish.toPlanId)) await lockPlan(tx, wish.toPlanId)
  if (await store.findMove(tx, backendId, wish.id)) return { ok: true, moveId: wish.id }
  const found = await plansOfMove(tx, backendId, wish.fromPlanId, wish.toPlanId)
  if (!found.ok) return found
  const { toMove } = await store.countMovable(tx, backendId, found.from.id)
  if (toMove === 0) return { ok: false, reason: 'nobody' }
  if (toMove !== wish.shown) return { ok: false, reason: 'changed' }
  const move = {
    id: wish.id,
    backendId,
    fromPlanId: found.from.id,
    toPlanId: found.to.id,
    noticeDays: wish.noticeDays,
    askedBy: owner.memberId,
  }
  if (!(await store.insertMove(tx, move))) return { ok: false, reason: 'running' }
  const people = await store.listPersons(tx, backendId, move)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'plan.subscribers_moved',
    subject: { kind: 'plan', id: found.from.id },
    detail: { move: move.id, to: found.to.id, noticeDays: wish.noticeDays, people },
  })
  return { ok: true, moveId: move.id }
}

/**
 * Calls a move off: whoever is not moved yet keeps their price, and who was told of another one gets a mail that it does not come. Done
 * twice it is done once. On record. false: there is none that runs.
 */
export async function callMoveOff(tx: Tx, owner: OwnerActor, moveId: string): Promise<boolean> {
  const { id: backendId } = await currentBackend()
  const move = isId(moveId) ? await store.findMove(tx, backendId, moveId) : undefined
  if (!move) return false
  if (move.state === 'called_off') return true
  if (!(await store.callOff(tx, backendId, moveId)))
    // Another press was first, or nobody of it waits any more.
    return (await store.findMove(tx, backendId, moveId))?.state === 'called_off'
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'plan.move_called_off',
    subject: { kind: 'plan', id: move.fromPlanId },
    detail: { move: moveId },
  })
  return true
}

/** Asks Stripe again, soon, for those it failed for. Returns how many. */
export async function retryMove(tx: Tx, moveId: string): Promise<number> {
  const { id: backendId } = await currentBackend()
  if (!isId(moveId) || !(await store.findMove(tx, backendId, moveId))) return 0
  return store.retryFailed(tx, moveId)
}

// ---- how far it is ----

export type PersonFilter = keyof typeof store.personFilters

export interface MoveView {
  readonly move: store.PriceMove
  readonly from: Plan
  readonly to: Plan
  readonly progress: store.Progress
}

/** A move and how far it is; undefined: there is none. No call to Stripe. */
export async function moveById(db: Db, id: string): Promise<MoveView | undefined> {
  const { id: backendId } = await currentBackend()
  const move = isId(id) ? await store.findMove(db, backendId, id) : undefined
  return move && viewOf(db, move)
}

async function viewOf(db: Db, move: store.PriceMove): Promise<MoveView | undefined> {
  const [from, to, progress] = await Promise.all([
    findPlan(db, move.fromPlanId),
    findPlan(db, move.toPlanId),
    store.progressOf(db, move.id),
  ])
  return from && to && { move, from, to, progress }
}

/** Its subscribers in the order in which they are told, 25 a page. */
export async function movePersons(
  db: Db,
  id: string,
  filter: PersonFilter,
  turn: Turn,
): Promise<ListPage<store.PersonRow>> {
  return readPage(turn, aPage, (reach) => store.personRows(db, id, filter, reach))
}

/** The last moves of a plan's subscribers, the newest first. */
export async function movesOfPlan(db: Db, planId: string): Promise<readonly MoveView[]> {
  const { id: backendId } = await currentBackend()
  const moves = await store.movesOf(db, backendId, planId, mostMoves)
  const views = await Promise.all(moves.map((move) => viewOf(db, move)))
  return views.filter((view) => view !== undefined)
}

export type { PersonState }

// ---- the rounds ----

/**
 * One step of the moves: what renewals have brought is written down; then the next few people of one move get their mail into the outbox,
 * in the transaction that notes it, so that a kill in between loses and doubles nothing. Returns how many were told.
 */
export async function tellMoves(): Promise<number> {
  const { id: backendId } = await currentBackend()
  await inTransaction((tx) => store.settleMoves(tx, backendId), 'money')
  return inTransaction(async (tx) => {
    const move = await store.takeMove(tx, backendId, aStep.pauseMs)
    if (!move) return 0
    const [from, to, site, at] = [
      await findPlan(tx, move.fromPlanId),
      await findPlan(tx, move.toPlanId),
      await siteIdentity(tx),
      await now(tx),
    ]
    if (!from || !to) throw new Error(`A plan of the move ${move.id} is gone.`)
    const isOff = move.state === 'called_off'
    const people = await store.nextToTell(tx, move, isOff ? 'told' : 'waiting', aStep.people)
    const terms = { move, from, to, at, dates: { zone: site.timeZone, locale: site.locale } }
    for (const person of people)
      await (isOff
        ? tellKept(tx, backendId, terms, person)
        : tellPrice(tx, backendId, terms, person))
    return people.length
  }, 'money')
}

interface Terms {
  readonly move: store.PriceMove
  readonly from: Plan
  readonly to: Plan
  readonly at: Date
  readonly dates: { readonly zone: string; readonly locale: string }
}

async function tellPrice(
  tx: Tx,
  backendId: number,
  { move, from, to, at, dates }: Terms,
  person: store.PersonToTell,
): Promise<void> {
  const { reason, email, periodEndsAt } = person
  if (reason === 'ended') return store.settlePerson(tx, person.id, 'left')
  if (reason !== undefined || email === undefined || periodEndsAt === undefined)
    return store.settlePerson(tx, person.id, 'left_out', reason ?? 'nobody')
  const one = await lockMirrored(tx, backendId, person.stripeSubscriptionId)
  if (!one) return store.settlePerson(tx, person.id, 'left')
  const over = new Date(at.getTime() + move.noticeDays * dayMs)
  const firstAt = firstRenewal({ ...person, periodEndsAt, interval: from.interval }, over)
  await store.setTold(tx, person.id, firstAt)
  const detail = { move: move.id, at: firstAt.toISOString(), to: to.id }
  await insertEvents(tx, [eventOf(one, 'price_told', toldCause, detail)])
  await queueMail(
    tx,
    priceToComeMail({ to: email, dates, key: `${move.id}:${one.id}` }, { from, to, firstAt }),
  )
}

async function tellKept(
  tx: Tx,
  backendId: number,
  { move, from, dates }: Pick<Terms, 'move' | 'from' | 'dates'>,
  person: Pick<store.PersonToTell, 'id' | 'stripeSubscriptionId' | 'email'> & {
    readonly reason?: store.PersonToTell['reason']
  },
): Promise<void> {
  if (person.reason === 'ended') return store.settlePerson(tx, person.id, 'left')
  const one = await lockMirrored(tx, backendId, person.stripeSubscriptionId)
  await store.settlePerson(tx, person.id, 'kept')
  if (!one) return
  await insertEvents(tx, [eventOf(one, 'price_kept', keptCause, { move: move.id })])
  if (person.email !== undefined)
    await queueMail(
      tx,
      priceKeptMail({ to: person.email, dates, key: `${move.id}:${one.id}` }, from),
    )
}

/**
 * Gives Stripe the other price of those whose renewal is near, so that it asks for it, and nothing for the rest of what is paid; and gives
 * the former one back to those whose move was called off meanwhile. Each is asked for once at a time, over all processes; what was
 * asked for and not answered is asked again. Returns how many were tried.
 */
export async function sweepMoves(): Promise<number> {
  const backend = await currentBackend()
  const due = await inTransaction((tx) => store.claimDue(tx, backend.id, mostARound), 'money')
  for (const person of due) {
    try {
      await setPrice(backend, person)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      log.warn(
        { subscription: person.subscriptionId, fault: error.fault },
        'a price was not set at Stripe',
      )
      const isRefused = error.fault === 'refused' && !person.isBack
      await store.noteNotSet(db('money'), person.id, error.message, isRefused)
      // Nobody is asked for while nobody answers; the others are due again by themselves.
      if (error.fault !== 'refused' && error.fault !== 'not_found') break
    }
  }
  return due.length
}

type Backend = Awaited<ReturnType<typeof currentBackend>>

async function setPrice(backend: Backend, person: store.PersonToSet): Promise<void> {
  const { gateway } = backend
  const held = await changeable(db('money'), backend.id, person.subscriptionId)
  const plan = await findPlan(db('money'), person.planId)
  const stripePriceId = await priceAtStripe(db('money'), backend.id, person.planId)
  if (!held || !plan || stripePriceId === undefined)
    throw new GatewayError('refused', 'Stripe does not know this price yet.')
  if (!person.isBack)
    // Before Stripe is asked: whoever hears of the price first must know from when on it counts.
    await inTransaction((tx) => notePlan(tx, held.id, plan.id), 'money')
  const isClosed = !plan.isEnabled
  if (isClosed) {
    // Stripe takes no closed price. Whatever happens to this process, the plan is brought back to what it is here.
    await inTransaction((tx) => askForSync(tx, plan.id, backend.id), 'money')
    await gateway.updatePrice(stripePriceId, { isActive: true, title: plan.title }, 'background')
  }
  const at = await now(db('money'))
  const swap = {
    stripeSubscriptionId: held.stripeSubscriptionId,
    stripeItemId: held.stripeItemId,
    stripePriceId,
    at,
    billing: 'unbilled',
  } as const
  const key = sha256(`move ${person.id} ${plan.id} ${at.toISOString()}`).slice(0, 40)
  await within(personLimitMs, gateway.swapPrice(swap, key, 'background'))
  if (isClosed)
    await gateway.updatePrice(stripePriceId, { isActive: false, title: plan.title }, 'background')
  if (!person.isBack) await store.noteSet(db('money'), person.id)
  else await inTransaction((tx) => putBack(tx, backend.id, person), 'money')
  // Whoever is at it just now is told by the event.
  await syncSubscription(held.stripeSubscriptionId, {
    cause: person.isBack ? keptCause : toldCause,
    lane: 'background',
  })
}

async function putBack(tx: Tx, backendId: number, person: store.PersonToSet): Promise<void> {
  if (!(await store.lockUnset(tx, person.id))) return
  const found = await store.moveOfPerson(tx, backendId, person.id)
  const from = found && (await findPlan(tx, found.move.fromPlanId))
  if (!found || !from) return
  const site = await siteIdentity(tx)
  const dates = { zone: site.timeZone, locale: site.locale }
  await tellKept(tx, backendId, { move: found.move, from, dates }, { ...found, id: person.id })
}
