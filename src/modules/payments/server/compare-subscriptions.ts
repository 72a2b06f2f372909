import type { OwnerActor } from '#modules/accounts/types.ts'
import { newId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import { audit, db, inTransaction, log, type Db, type Tx } from '#modules/platform/server/index.ts'
import { GatewayError } from '../gateway.ts'
import { subscriptionDigest } from '../subscription-digest.ts'
import type { SubscriptionView } from '../types.ts'
import { currentBackend, type Backend } from './backend.ts'
import {
  askForDifferences,
  claimComparison,
  claimDifferences,
  countDifferences,
  differenceRows,
  endComparison,
  insertComparison,
  insertDifferences,
  lastComparison,
  noteCompared,
  postponeDifference,
  pruneComparisons,
  type ComparisonRow,
  type ComparisonRun,
  type DifferenceRow,
  type ToldBrief,
} from './store.comparison.ts'
import { bringDriftTurnForward, takeDriftTurn } from './store.disputes.ts'
import { toldMirror } from './subscription-mirrors.ts'
import { syncSubscription } from './sync-subscription.ts'

const everyHours = 24
const turn = 'subscriptions_swept_at'
/** Of 100 each: more than a shop of one has. */
const mostPages = 500
/** Looked up one by one in a sweep; the rest is found by the next one. */
const mostLookedUp = 1_000
/** Taken at once, and looked up one after the other; what is left when a process dies is due again after a minute. */
const lookedUpAtOnce = 10
/** With a pause that grows to a quarter of an hour; afterwards the owner is shown why, and asks again. */
const mostTries = 10
/** A page is told in seconds; whoever needs longer is taken for dead. */
const heldSeconds = 120
const differencesAPage = 25

export interface Comparison {
  readonly told: number
  /** Ids at Stripe that differed or were unknown here. */
  readonly differing: readonly string[]
}

const nothing: Comparison = { told: 0, differing: [] }

/**
 * Compares every subscription Stripe lists with ours, once a day in one process, and looks up each that differs: heals what no
 * event ever told of, within the call budget: a call for 100, and one for each that differs. undefined when it was not time.
 */
export async function sweepSubscriptions(): Promise<Comparison | undefined> {
  const backend = await currentBackend()
  if (!(await takeDriftTurn(db('money'), backend.id, everyHours, turn))) return undefined
  try {
    return await healSubscriptions()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ fault: error.fault }, 'subscriptions could not be compared with Stripe')
    // Not a day later: while Stripe is slow or the budget is used up, nothing would ever be healed.
    await bringDriftTurnForward(db('money'), backend.id, everyHours - 1, turn)
    return nothing
  }
}

/** The same at once. Where a comparison runs already, only what was found is looked up. Throws GatewayError when Stripe cannot be asked. */
export async function healSubscriptions(): Promise<Comparison> {
  const backend = await currentBackend()
  const asked = { backendId: backend.id, isHealing: true }
  const isOurs = (await insertComparison(db('money'), asked)) !== undefined
  const comparison = isOurs ? await workOnComparison(backend) : undefined
  const failure = await lookUpDue(backend, mostLookedUp)
  if (failure) throw failure
  return comparison ?? nothing
}

/**
 * Goes on with a comparison somebody asked for, or one whose process died, and with looking up what is to be healed. Called again and
 * again, by several processes at once.
 */
export async function sweepComparisons(): Promise<void> {
  const backend = await currentBackend()
  try {
    await workOnComparison(backend)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ fault: error.fault }, 'subscriptions could not be compared with Stripe')
  }
  await lookUpDue(backend, mostLookedUp)
}

// ---- comparing ----

/** undefined: none runs, or somebody else is at it. Throws GatewayError. */
async function workOnComparison(backend: Backend): Promise<Comparison | undefined> {
  const run = await claimComparison(db('money'), backend.id, newId(), heldSeconds)
  if (!run) return undefined
  try {
    const comparison = await compare(backend, run)
    await endComparison(db('money'), run, undefined)
    await pruneComparisons(db('money'), backend.id)
    return comparison
  } catch (error) {
    const words = error instanceof GatewayError ? error.message : 'It could not be finished.'
    await endComparison(db('money'), run, words)
    throw error
  }
}

async function compare(backend: Backend, run: ComparisonRun): Promise<Comparison> {
  const unheard = new Set((await toldMirror().digests(db('money'), backend.id, 'live')).keys())
  const differing: string[] = []
  let told = 0
  for (let after: string | undefined, pages = 0; pages < mostPages; pages++) {
    const page = await backend.gateway.listSubscriptions(after, 'background')
    const ids = page.subscriptions.map((one) => one.stripeSubscriptionId)
    const known = await toldMirror().digests(db('money'), backend.id, ids)
    const found: { readonly id: string; readonly told: ToldBrief | undefined }[] = []
    for (const one of page.subscriptions) {
      unheard.delete(one.stripeSubscriptionId)
      if (known.get(one.stripeSubscriptionId) !== subscriptionDigest(one))
        found.push({ id: one.stripeSubscriptionId, told: briefOf(one) })
    }
    told += page.subscriptions.length
    after = page.next
    // Those that are live here and that Stripe does not list are gone there.
    if (after === undefined) found.push(...[...unheard].map((id) => ({ id, told: undefined })))
    differing.push(...found.map(({ id }) => id))
    if (!(await noted(backend, run, page.subscriptions.length, found))) return nothing
    if (after === undefined) break
  }
  return { told, differing }
}

/** false: somebody else took the comparison over. */
async function noted(
  backend: Backend,
  run: ComparisonRun,
  told: number,
  found: readonly { readonly id: string; readonly told: ToldBrief | undefined }[],
): Promise<boolean> {
  for (const { id } of found)
    log.warn({ subscription: id }, 'a subscription differs from Stripe without an event')
  return inTransaction(async (tx) => {
    const more = { told, differing: found.length, seconds: heldSeconds }
    if (!(await noteCompared(tx, run, more))) return false
    for (let at = 0; at < found.length; at += 500)
      await insertDifferences(tx, backend.id, found.slice(at, at + 500), run.isHealing)
    return true
  }, 'money')
}

function briefOf(view: SubscriptionView): ToldBrief {
  const [item] = view.items
  const ends = view.items.flatMap(({ periodEndsAt }) => (periodEndsAt ? [+periodEndsAt] : []))
  return {
    status: view.status,
    amountMinor: view.items.reduce((sum, one) => sum + one.amountMinor * one.quantity, 0),
    currency: view.currency,
    interval: item?.interval ?? { unit: 'month', count: 1 },
    periodEndsAt: ends.length > 0 ? new Date(Math.max(...ends)).toISOString() : null,
    trialEndsAt: view.trialEndsAt?.toISOString() ?? null,
    cancelsAt: view.cancelsAt?.toISOString() ?? null,
    endedAt: view.endedAt?.toISOString() ?? null,
    isPaused: view.isPaused,
    discount: view.discount?.name ?? null,
  }
}

// ---- healing ----

/** Returns why Stripe could not be asked, if so: the rest is tried again later. */
async function lookUpDue(backend: Backend, most: number): Promise<GatewayError | undefined> {
  for (let looked = 0; looked < most; looked += lookedUpAtOnce) {
    const due = await claimDifferences(db('money'), backend.id, lookedUpAtOnce)
    for (const { id, stripeSubscriptionId } of due) {
      try {
        // Whoever holds it just now looks it up, too; should they fail, it is due again in a minute.
        await syncSubscription(stripeSubscriptionId, {
          cause: 'comparison with Stripe',
          lane: 'background',
        })
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error)
        await postponeDifference(db('money'), id, words, mostTries)
        if (error instanceof GatewayError) return error
        log.error({ err: error, subscription: stripeSubscriptionId }, 'could not be healed')
      }
    }
    if (due.length < lookedUpAtOnce) return undefined
  }
  return undefined
}

// ---- for the owner ----

/** How the mirror stands beside Stripe, as it was last compared. */
export interface MirrorStanding {
  readonly last: ComparisonRow | undefined
  readonly differing: number
  /** Of those, about to be looked up. */
  readonly healing: number
}

/** Asks for a comparison whose findings wait for the owner; it begins within seconds. false: one is running. On record. */
export async function askForComparison(tx: Tx, owner: OwnerActor): Promise<boolean> {
  const { id: backendId } = await currentBackend()
  const asked = { backendId, isHealing: false }
  const id = await insertComparison(tx, asked)
  if (id === undefined) return false
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'subscriptions.compared',
    subject: { kind: 'mirror_comparison', id },
  })
  return true
}

/** What the last comparison came to. No call to Stripe. */
export async function mirrorStanding(db: Db): Promise<MirrorStanding> {
  const { id } = await currentBackend()
  const [last, counts] = await Promise.all([lastComparison(db, id), countDifferences(db, id)])
  return { last, differing: counts.all, healing: counts.due }
}

/** What differs, newest first, 25 a page. */
export async function differencesPage(db: Db, turn: Turn): Promise<ListPage<DifferenceRow>> {
  const { id } = await currentBackend()
  return readPage(turn, differencesAPage, (reach) => differenceRows(db, id, reach))
}

/**
 * Asks that one difference (its id), or with 'all' every one, be looked up at Stripe and written down as they stand there: begun within seconds.
 * Returns how many were not asked for before. On record.
 */
export async function healDifferences(tx: Tx, owner: OwnerActor, which: string): Promise<number> {
  const { id: backendId } = await currentBackend()
  const id = which === 'all' ? undefined : which
  if (id !== undefined && !/^[0-9]{1,15}$/.test(id)) return 0
  const asked = await askForDifferences(tx, backendId, id)
  if (asked > 0)
    await audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'subscriptions.healed',
      subject: { kind: 'mirror_difference', id: which },
      detail: { count: asked },
    })
  return asked
}
