import { currentBackend, within } from '#modules/payments/server/index.ts'
import { GatewayError, type Lane } from '#modules/payments/gateway.ts'
import { audit, db, inTransaction, log, type Tx } from '#modules/platform/server/index.ts'
import { closeCheckoutsOf } from './store.checkouts.ts'
import {
  askForAll,
  askForProduct,
  findPlan,
  isChangedThere,
  lockPlan,
  noteClosedThere,
  noteFailedSync,
  priceAtStripe,
  productAtStripe,
  setEnabled,
  storePriceAtStripe,
  storeProductAtStripe,
  takeDuePlans,
  takePlan,
} from './store.plans.ts'

/** The owner who made a plan waits this long for Stripe; then the sweep goes on. */
const ownerLimitMs = 8_000
const mostASweep = 20
/** As it stands on invoices and in Stripe's dashboard, beside the plan's own title. */
const productName = 'Membership'

type Backend = Awaited<ReturnType<typeof currentBackend>>

/** Brings a plan to Stripe now, as far as Stripe answers in time. false: it will be tried again by itself. */
export async function sendPlanNow(planId: string): Promise<boolean> {
  const backend = await currentBackend()
  if (!(await takePlan(db('money'), backend.id, planId))) return true
  try {
    await within(ownerLimitMs, sendPlan(backend, planId, 'person'))
    return true
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return false
  }
}

/**
 * Brings every plan whose turn has come to Stripe: new ones, those that were renamed, disabled or enabled, those that this backend has
 * never heard of, and those whose answer was lost. Returns how many were tried.
 */
export async function sweepPlans(): Promise<number> {
  const backend = await currentBackend()
  await askForAll(db('money'), backend)
  const due = await takeDuePlans(db('money'), backend.id, mostASweep)
  for (const planId of due) {
    try {
      await sendPlan(backend, planId, 'background')
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      log.warn({ plan: planId, fault: error.fault }, 'a plan could not be brought to Stripe')
    }
  }
  return due.length
}

/** Every step can be done again: whoever dies between two of them leaves the rest to the next sweep (C20, C21). */
async function sendPlan(backend: Backend, planId: string, lane: Lane): Promise<void> {
  let plan = await findPlan(db('money'), planId)
  if (!plan) return
  try {
    const known = await priceAtStripe(db('money'), backend.id, planId)
    if (known !== undefined && (await isChangedThere(db('money'), backend.id, planId))) {
      const there = await backend.gateway.readPrice(known, lane)
      if (!there.isActive && plan.isEnabled)
        await inTransaction((tx) => closeLikeThere(tx, backend.id, planId))
      plan = (await findPlan(db('money'), planId)) ?? plan
      // Our own change, told back; or somebody there did what was wanted here.
      if (there.isActive === plan.isEnabled && there.title === plan.title)
        return await storePriceAtStripe(db('money'), backend.id, planId, there)
    }
    let price =
      known === undefined
        ? await backend.gateway.makePrice(
            {
              planId,
              stripeProductId: await productOf(backend, lane),
              title: plan.title,
              amountMinor: plan.amountMinor,
              currency: plan.currency,
              interval: plan.interval,
            },
            lane,
          )
        : undefined
    if (price && (price.amountMinor !== plan.amountMinor || price.currency !== plan.currency))
      throw new GatewayError('refused', 'Stripe has another price under the name of this plan.')
    if (!price || price.isActive !== plan.isEnabled || price.title !== plan.title)
      price = await backend.gateway.updatePrice(
        known ?? price?.stripePriceId ?? '',
        { isActive: plan.isEnabled, title: plan.title },
        lane,
      )
    await storePriceAtStripe(db('money'), backend.id, planId, price)
  } catch (error) {
    if (error instanceof GatewayError)
      await noteFailedSync(db('money'), backend.id, planId, error.message)
    throw error
  }
}

/** Archived at Stripe's side: nobody can subscribe any more, and the plan says so. Whoever has it goes on. */
async function closeLikeThere(tx: Tx, backendId: number, planId: string): Promise<void> {
  const plan = await lockPlan(tx, planId)
  // The owner was there first, and wants it otherwise.
  if (!plan?.isEnabled || !(await isChangedThere(tx, backendId, planId))) return
  await setEnabled(tx, planId, false)
  await noteClosedThere(tx, backendId, planId)
  const checkoutsClosed = await closeCheckoutsOf(tx, planId)
  await audit(tx, {
    actor: { kind: 'stripe' },
    action: 'plan.disabled',
    subject: { kind: 'plan', id: planId },
    detail: { title: plan.title, checkoutsClosed },
  })
}

/** The one product of all plans; its row is committed before Stripe is asked, and its backend is the key. */
async function productOf(backend: Backend, lane: Lane): Promise<string> {
  const known = await productAtStripe(db('money'), backend.id)
  if (known !== undefined) return known
  await askForProduct(db('money'), backend.id)
  const { stripeProductId } = await backend.gateway.makeProduct(
    { key: `backend-${backend.id}`, name: productName },
    lane,
  )
  await storeProductAtStripe(db('money'), backend.id, stripeProductId)
  return stripeProductId
}
