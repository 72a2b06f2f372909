import { currentBackend } from '#modules/payments/server/index.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import { isId } from '#modules/platform/ids.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { PlanAtStripe } from '../plan-at-stripe.ts'
import type { PlanCounts } from '../plan-words.ts'
import type { Plan } from '../types.ts'
import { givenCounts } from './store.given.ts'
import { countsOf, findPlan, openCheckoutsOf, planRows, plansAtStripe } from './store.plans.ts'

const plansAPage = 25
const nobody = { paying: 0, trying: 0, owing: 0, ending: 0 }

/** A plan as its owner sees it: whom it has, who is about to subscribe, and what Stripe knows of it. */
export interface ListedPlan extends Plan {
  readonly counts: PlanCounts
  /** At the payment page right now. */
  readonly openCheckouts: number
  readonly atStripe: PlanAtStripe | undefined
}

/** All plans, 25 a page: the enabled ones first, then by group, tier and price. */
export async function plansPage(db: Db, turn: Turn): Promise<ListPage<ListedPlan>> {
  const page = await readPage(turn, plansAPage, (reach) => planRows(db, reach))
  return { ...page, rows: await listed(db, page.rows) }
}

/** One of them; undefined for an id that is none. */
export async function listedPlan(db: Db, id: string): Promise<ListedPlan | undefined> {
  const plan = isId(id) ? await findPlan(db, id) : undefined
  return plan && (await listed(db, [plan]))[0]
}

async function listed(db: Db, plans: readonly Plan[]): Promise<ListedPlan[]> {
  const ids = plans.map(({ id }) => id)
  const backend = await currentBackend()
  const [counts, given, open, atStripe] = await Promise.all([
    countsOf(db, ids),
    givenCounts(db, ids),
    openCheckoutsOf(db, ids),
    plansAtStripe(db, backend.id, ids),
  ])
  return plans.map((plan) => ({
    ...plan,
    counts: { ...(counts.get(plan.id) ?? nobody), given: given.get(plan.id) ?? 0 },
    openCheckouts: open.get(plan.id) ?? 0,
    atStripe: atStripe.get(plan.id),
  }))
}
