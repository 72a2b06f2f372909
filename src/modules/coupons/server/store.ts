import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import { clockNow, reaching, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Coupon, CouponTerms, PlanDuration } from '../types.ts'

const columns = [
  'coupon.id',
  'coupon.code',
  'coupon.basis_points',
  'coupon.amount_minor',
  'coupon.currency',
  'coupon.minimum_minor',
  'coupon.starts_at',
  'coupon.ends_at',
  'coupon.most_uses',
  'coupon.most_uses_per_customer',
  'coupon.uses',
  'coupon.covers_all',
  'coupon.plan_duration',
  'coupon.plan_months',
  'coupon.covers_all_plans',
  'coupon.is_active',
  'coupon.note',
  'coupon.created_at',
] as const

interface Row {
  id: string
  code: string
  basis_points: number | null
  amount_minor: number | null
  currency: string | null
  minimum_minor: number
  starts_at: Date | null
  ends_at: Date | null
  most_uses: number | null
  most_uses_per_customer: number | null
  uses: number
  covers_all: boolean
  plan_duration: string | null
  plan_months: number | null
  covers_all_plans: boolean
  is_active: boolean
  note: string
  created_at: Date
  product_ids: string[]
  plan_ids: string[]
}

const coupons = (db: Db) =>
  db
    .selectFrom('coupon')
    .select(columns)
    .select(
      sql<string[]>`array(select product_id from coupon_product where coupon_id = coupon.id)`.as(
        'product_ids',
      ),
    )
    .select(
      sql<string[]>`array(select plan_id from coupon_plan where coupon_id = coupon.id)`.as(
        'plan_ids',
      ),
    )

function fromRow(row: Row): Coupon {
  return {
    id: row.id,
    code: row.code,
    reduction:
      row.basis_points === null
        ? // The table's checks: what is not a share is an amount of a currency.
          { amountMinor: row.amount_minor ?? 0, currency: row.currency ?? '' }
        : { basisPoints: row.basis_points },
    forPlans:
      row.plan_duration === null
        ? undefined
        : {
            planIds: row.covers_all_plans ? undefined : row.plan_ids,
            // The table's check holds it to the words of this type.
            duration: row.plan_duration as PlanDuration,
            months: row.plan_months ?? undefined,
          },
    productIds: row.covers_all ? undefined : row.product_ids,
    minimumMinor: row.minimum_minor,
    startsAt: row.starts_at ?? undefined,
    endsAt: row.ends_at ?? undefined,
    mostUses: row.most_uses ?? undefined,
    mostUsesPerCustomer: row.most_uses_per_customer ?? undefined,
    uses: row.uses,
    isActive: row.is_active,
    note: row.note,
    createdAt: row.created_at,
  }
}

export async function findByCode(db: Db, code: string): Promise<Coupon | undefined> {
  const row = await coupons(db).where('code', '=', code).executeTakeFirst()
  return row && fromRow(row)
}

export async function findById(db: Db, id: string): Promise<Coupon | undefined> {
  const row = await coupons(db).where('coupon.id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** Locked until the transaction ends: whoever comes second sees the uses that the first one took. */
export async function lockCoupon(tx: Tx, id: string): Promise<Coupon | undefined> {
  const row = await coupons(tx).where('coupon.id', '=', id).forUpdate('coupon').executeTakeFirst()
  return row && fromRow(row)
}

export async function usesOfPerson(tx: Tx, couponId: string, person: string): Promise<number> {
  const { uses } = await tx
    .selectFrom('coupon_use')
    .select((select) => select.fn.countAll<number>().as('uses'))
    .where('coupon_id', '=', couponId)
    .where('person', '=', person)
    .where('state', 'in', ['held', 'used'])
    .executeTakeFirstOrThrow()
  return uses
}

/** Whether anybody ever began to pay with it. */
export async function wasUsed(tx: Tx, couponId: string): Promise<boolean> {
  const { rows } = await sql<{ was: boolean }>`
    select exists (select from coupon_use where coupon_id = ${couponId})
      or exists (select from plan_coupon_use where coupon_id = ${couponId}) as was`.execute(tx)
  return rows[0]?.was ?? false
}

/** How many of its uses a network holds for people who are paying. */
export async function heldBy(tx: Tx, couponId: string, network: string): Promise<number> {
  const { held } = await tx
    .selectFrom('coupon_use')
    .select((select) => select.fn.countAll<number>().as('held'))
    .where('coupon_id', '=', couponId)
    .where('network', '=', network)
    .where('state', '=', 'held')
    .executeTakeFirstOrThrow()
  return held
}

export async function insertUse(
  tx: Tx,
  use: {
    readonly checkoutId: string
    readonly couponId: string
    readonly person: string | undefined
    readonly discountMinor: number
    readonly state: UseState
    /** Of a held one: which network holds it. */
    readonly network?: string
  },
): Promise<void> {
  await tx
    .insertInto('coupon_use')
    .values({
      state: use.state,
      checkout_id: use.checkoutId,
      coupon_id: use.couponId,
      person: use.person ?? null,
      discount_minor: use.discountMinor,
      network: use.network ?? null,
    })
    .execute()
}

export type UseState = 'held' | 'used' | 'freed' | 'late'

export interface CouponUse {
  readonly checkoutId: string
  readonly couponId: string
  readonly person: string | undefined
  readonly state: UseState
}

/** The use of a checkout, locked; undefined when it had no coupon. */
export async function lockUse(tx: Tx, checkoutId: string): Promise<CouponUse | undefined> {
  const row = await tx
    .selectFrom('coupon_use')
    .select(['checkout_id as checkoutId', 'coupon_id as couponId', 'person', 'state'])
    .where('checkout_id', '=', checkoutId)
    .forUpdate()
    .executeTakeFirst()
  return (
    row && {
      ...row,
      person: row.person ?? undefined,
      state: row.state as UseState, // held to these words by the table's check
    }
  )
}

export async function setUse(
  tx: Tx,
  checkoutId: string,
  to: { readonly state: UseState; readonly person?: string | undefined },
): Promise<void> {
  await tx
    .updateTable('coupon_use')
    .set({
      state: to.state,
      updated_at: clockNow,
      network: null,
      ...(to.person === undefined ? {} : { person: to.person }),
    })
    .where('checkout_id', '=', checkoutId)
    .execute()
}

export interface CouponRecord extends CouponTerms {
  readonly code: string
  readonly note: string
}

function columnsOf(coupon: CouponRecord) {
  const { reduction } = coupon
  return {
    code: coupon.code,
    note: coupon.note,
    basis_points: 'basisPoints' in reduction ? reduction.basisPoints : null,
    amount_minor: 'currency' in reduction ? reduction.amountMinor : null,
    currency: 'currency' in reduction ? reduction.currency : null,
    minimum_minor: coupon.minimumMinor,
    starts_at: coupon.startsAt ?? null,
    ends_at: coupon.endsAt ?? null,
    most_uses: coupon.mostUses ?? null,
    most_uses_per_customer: coupon.mostUsesPerCustomer ?? null,
    covers_all: coupon.forPlans === undefined && coupon.productIds === undefined,
    plan_duration: coupon.forPlans?.duration ?? null,
    plan_months: coupon.forPlans?.months ?? null,
    covers_all_plans: coupon.forPlans !== undefined && coupon.forPlans.planIds === undefined,
    is_active: coupon.isActive,
  }
}

/** undefined: the code is taken. */
export async function insertCoupon(tx: Tx, coupon: CouponRecord): Promise<string | undefined> {
  const row = await tx
    .insertInto('coupon')
    .values(columnsOf(coupon))
    .onConflict((conflict) => conflict.column('code').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row) await setCovered(tx, row.id, coupon)
  return row?.id
}

export async function flagExample(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('coupon').set({ is_example: true }).where('id', '=', id).execute()
}

/** Deletes the example coupons that nobody has used; returns those that somebody has. */
export async function deleteUnusedExamples(tx: Tx): Promise<string[]> {
  await tx
    .deleteFrom('coupon')
    .where('is_example', '=', true)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('coupon_use')
            .select('coupon_use.checkout_id')
            .whereRef('coupon_use.coupon_id', '=', 'coupon.id'),
        ),
      ),
    )
    .execute()
  const rows = await tx
    .selectFrom('coupon')
    .select('id')
    .where('is_example', '=', true)
    .where('is_active', '=', true)
    .execute()
  return rows.map((row) => row.id)
}

export async function updateCoupon(tx: Tx, id: string, coupon: CouponRecord): Promise<void> {
  await tx
    .updateTable('coupon')
    .set({ ...columnsOf(coupon), is_example: false, updated_at: clockNow })
    .where('id', '=', id)
    .execute()
  await setCovered(tx, id, coupon)
}

async function setCovered(tx: Tx, id: string, coupon: CouponTerms): Promise<void> {
  const productIds = coupon.forPlans ? [] : (coupon.productIds ?? [])
  const planIds = coupon.forPlans?.planIds ?? []
  await tx.deleteFrom('coupon_product').where('coupon_id', '=', id).execute()
  await tx.deleteFrom('coupon_plan').where('coupon_id', '=', id).execute()
  if (productIds.length > 0)
    await tx
      .insertInto('coupon_product')
      .values(productIds.map((productId) => ({ coupon_id: id, product_id: productId })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  if (planIds.length > 0)
    await tx
      .insertInto('coupon_plan')
      .values(planIds.map((planId) => ({ coupon_id: id, plan_id: planId })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

export async function codeIsTaken(db: Db, code: string, exceptId: string): Promise<boolean> {
  const row = await db
    .selectFrom('coupon')
    .select('id')
    .where('code', '=', code)
    .where('id', '<>', exceptId)
    .executeTakeFirst()
  return row !== undefined
}

/** Newest first, or upwards from the mark. */
export async function couponRows(db: Db, reach: Reach): Promise<Coupon[]> {
  const rows = await coupons(db)
    .$call(reaching(reach, { table: 'coupon', at: 'created_at' }))
    .execute()
  return rows.map(fromRow)
}

export async function setActive(tx: Tx, id: string, isActive: boolean): Promise<void> {
  await tx
    .updateTable('coupon')
    .set({ is_active: isActive, updated_at: clockNow })
    .where('id', '=', id)
    .execute()
}

export interface CouponUseRow {
  /** The checkout's: it stands for the use in lists. */
  readonly id: string
  /** One word for one mailbox; undefined while nobody had to say. */
  readonly person: string | undefined
  readonly discountMinor: number
  readonly state: UseState
  readonly createdAt: Date
}

/** What became of a coupon's uses, newest first, or upwards from the mark. */
export async function couponUseRows(
  db: Db,
  couponId: string,
  reach: Reach,
): Promise<CouponUseRow[]> {
  const isForPlans = await db
    .selectFrom('coupon')
    .select('id')
    .where('id', '=', couponId)
    .where('plan_duration', 'is not', null)
    .executeTakeFirst()
  const rows = isForPlans
    ? await db
        .selectFrom('plan_coupon_use')
        .select(['checkout_id', 'person', 'discount_minor', 'state', 'created_at'])
        .where('coupon_id', '=', couponId)
        .$call(reaching(reach, { table: 'plan_coupon_use', at: 'created_at', id: 'checkout_id' }))
        .execute()
    : await db
        .selectFrom('coupon_use')
        .select(['checkout_id', 'person', 'discount_minor', 'state', 'created_at'])
        .where('coupon_id', '=', couponId)
        .$call(reaching(reach, { table: 'coupon_use', at: 'created_at', id: 'checkout_id' }))
        .execute()
  return rows.map((row) => ({
    id: row.checkout_id,
    person: row.person ?? undefined,
    discountMinor: row.discount_minor,
    state: row.state as UseState, // held to these words by the table's check
    createdAt: row.created_at,
  }))
}

/** What each coupon took off paid checkouts, and how many of its uses are held right now. */
export async function usesOf(
  db: Db,
  couponIds: readonly string[],
): Promise<
  ReadonlyMap<string, { readonly used: number; readonly held: number; readonly takenMinor: number }>
> {
  if (couponIds.length === 0) return new Map()
  const rows = await db
    .selectFrom(
      sql<{ coupon_id: string }>`(select coupon_id, state, discount_minor from coupon_use
        union all select coupon_id, state, discount_minor from plan_coupon_use)`.as('coupon_use'),
    )
    .select([
      'coupon_id',
      sql<number>`count(*) filter (where state in ('used', 'late'))::int`.as('used'),
      sql<number>`count(*) filter (where state = 'held')::int`.as('held'),
      sql<number>`coalesce(sum(discount_minor) filter (where state in ('used', 'late')), 0)::int8`.as(
        'taken',
      ),
    ])
    .where('coupon_id', 'in', couponIds)
    .groupBy('coupon_id')
    .execute()
  return new Map(
    rows.map((row) => [row.coupon_id, { used: row.used, held: row.held, takenMinor: row.taken }]),
  )
}
