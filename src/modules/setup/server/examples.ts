import type { OwnerActor } from '#modules/accounts/types.ts'
import { removeExampleProducts } from '#modules/catalog/server/index.ts'
import { removeExamplePosts } from '#modules/content/server/index.ts'
import { removeExampleCoupons } from '#modules/coupons/server/index.ts'
import { removeExamplePlans } from '#modules/memberships/server/index.ts'
import { audit, runtime, sqlState, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { RehearsalCounts } from '../types.ts'
import { BusyError } from './going-live.ts'
import { examplesThere } from './store.examples.ts'
import { lockSetup, setupState } from './store.ts'
import * as sweep from './store.sweep.ts'

export interface ExamplesPreview {
  /** Titles, in the shop's order. */
  readonly products: readonly string[]
  /** Codes. */
  readonly coupons: readonly string[]
  /** Titles. */
  readonly plans: readonly string[]
  /** Titles. */
  readonly posts: readonly string[]
  /** Legal pages that still hold their example text: they stay, marked, until the owner writes them. */
  readonly pages: readonly string[]
  /** What was bought with play money goes with them: undefined where nothing of it hangs on an example, or where it stays. */
  readonly sweeps: RehearsalCounts | undefined
  /** Outside a rehearsal what somebody bought is archived, so that its buyer keeps it. */
  readonly keepsBought: boolean
}

/** What removing the examples would do, told before it is done. undefined: there is none left. Reads only. */
export async function examplesPreview(db: Db): Promise<ExamplesPreview | undefined> {
  const there = await examplesThere(db)
  if (there.products.length + there.coupons.length + there.plans.length + there.posts.length === 0)
    return undefined
  // Another process may have gone live, and this one has not heard of it yet.
  const isRehearsal =
    runtime().settings.stripe.mode === 'rehearsal' && !(await setupState(db)).usesKeys
  return {
    products: there.products,
    coupons: there.coupons,
    plans: there.plans,
    posts: there.posts,
    pages: there.pages,
    sweeps: isRehearsal && there.isInCheckouts ? await sweep.rehearsalCounts(db) : undefined,
    keepsBought: !isRehearsal && there.isInCheckouts,
  }
}

export interface RemovedExamples {
  /** Storage keys to hand to discardBytes after the commit. */
  readonly bytes: readonly string[]
  /** What was played was swept away: the built-in Stripe forgets its side of it afterwards. */
  readonly isSwept: boolean
}

/**
 * Removes the example products, coupons, plans and posts. In a rehearsal nothing of them stays behind: where one was bought, all that people
 * did in the rehearsal goes with it, as when going live, because orders cannot be taken out one by one. Elsewhere what was bought is
 * archived. Throws BusyError when readers do not let go in time.
 */
export async function removeExamples(tx: Tx, owner: OwnerActor): Promise<RemovedExamples> {
  await lockSetup(tx)
  const preview = await examplesPreview(tx)
  if (preview?.sweeps) {
    try {
      await sweep.emptyTables(tx, await sweep.tablesToSweep(tx))
    } catch (error) {
      if (sqlState(error) === lockNotAvailable) throw new BusyError()
      throw error
    }
    await sweep.giveCouponsBack(tx)
    await sweep.removeMembersButOwner(tx)
    await audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'rehearsal.swept',
      subject: { kind: 'shop', id: 'shop' },
      detail: {
        orders: preview.sweeps.orders,
        customers: preview.sweeps.customers,
        members: preview.sweeps.members,
        mails: preview.sweeps.mails,
      },
    })
  }
  await removeExampleCoupons(tx, owner)
  await removeExamplePlans(tx, owner)
  await removeExamplePosts(tx, owner)
  const { bytes } = await removeExampleProducts(tx, owner)
  return { bytes, isSwept: preview?.sweeps !== undefined }
}

const lockNotAvailable = '55P03'
