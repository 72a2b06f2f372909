import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { ForPlans, PlanDuration, Reduction } from '../types.ts'

/** A coupon of plans as Stripe has it, where nothing of it ever changes. */
export interface CouponAtStripe extends Omit<ForPlans, 'planIds'> {
  /** Its id there is made of it. */
  readonly id: string
  readonly couponId: string
  readonly code: string
  readonly reduction: Reduction
  readonly isMade: boolean
}

const columns = [
  'coupon_at_stripe.id',
  'coupon_at_stripe.coupon_id',
  'coupon_at_stripe.basis_points',
  'coupon_at_stripe.amount_minor',
  'coupon_at_stripe.currency',
  'coupon_at_stripe.duration',
  'coupon_at_stripe.months',
  'coupon_at_stripe.made_at',
  'coupon.code',
] as const

/** undefined for an id that is none of this backend's. */
export async function couponAtStripe(
  db: Db,
  backendId: number,
  id: string,
): Promise<CouponAtStripe | undefined> {
  const row = await db
    .selectFrom('coupon_at_stripe')
    .innerJoin('coupon', 'coupon.id', 'coupon_at_stripe.coupon_id')
    .select(columns)
    .where('coupon_at_stripe.backend_id', '=', backendId)
    .where('coupon_at_stripe.id', '=', id)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      couponId: row.coupon_id,
      code: row.code,
      reduction:
        row.basis_points === null
          ? // The table's checks: what is not a share is an amount of a currency.
            { amountMinor: row.amount_minor ?? 0, currency: row.currency ?? '' }
          : { basisPoints: row.basis_points },
      // The table's check holds it to the words of this type.
      duration: row.duration as PlanDuration,
      months: row.months ?? undefined,
      isMade: row.made_at !== null,
    }
  )
}

/** The row of a coupon with these terms, made when there is none: committed before Stripe is asked. Returns its id. */
export async function storeCouponAtStripe(
  tx: Tx,
  coupon: Omit<CouponAtStripe, 'code' | 'isMade'> & { readonly backendId: number },
): Promise<string> {
  const { reduction, duration } = coupon
  const basisPoints = 'basisPoints' in reduction ? reduction.basisPoints : null
  const amountMinor = 'currency' in reduction ? reduction.amountMinor : null
  const currency = 'currency' in reduction ? reduction.currency : null
  const months = coupon.months ?? null
  await tx
    .insertInto('coupon_at_stripe')
    .values({
      id: coupon.id,
      coupon_id: coupon.couponId,
      backend_id: coupon.backendId,
      basis_points: basisPoints,
      amount_minor: amountMinor,
      currency,
      duration,
      months,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { rows } = await sql<{ id: string }>`
    select id from coupon_at_stripe
    where coupon_id = ${coupon.couponId} and backend_id = ${coupon.backendId} and gone_at is null
      and basis_points is not distinct from ${basisPoints}::int and amount_minor is not distinct from ${amountMinor}::bigint
      and currency is not distinct from ${currency}::text and duration = ${duration} and months is not distinct from ${months}::int`.execute(
    tx,
  )
  const [row] = rows
  if (!row) throw new Error(`Coupon ${coupon.couponId} has no row for its terms.`)
  return row.id
}

export async function noteCouponMade(db: Db, id: string): Promise<void> {
  await db
    .updateTable('coupon_at_stripe')
    .set({ made_at: clockNow })
    .where('id', '=', id)
    .where('made_at', 'is', null)
    .execute()
}

/** Deleted at Stripe: the next use makes a new one. */
export async function noteCouponGone(db: Db, id: string): Promise<void> {
  await db
    .updateTable('coupon_at_stripe')
    .set({ gone_at: clockNow })
    .where('id', '=', id)
    .where('gone_at', 'is', null)
    .execute()
}
