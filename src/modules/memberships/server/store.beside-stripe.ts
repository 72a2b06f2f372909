import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import { reaching, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Compared } from '../beside-stripe.ts'
import type { IntervalUnit, SubscriptionStatus } from '../types.ts'

/** A subscription as it stands here, with whose it is. */
export interface HereRow extends Compared {
  readonly id: string
  readonly stripeSubscriptionId: string
  readonly stripeCustomerId: string
  readonly title: string | undefined
  readonly customerId: string | undefined
  readonly email: string | undefined
  readonly startedAt: Date
  readonly syncedAt: Date
}

function selected(db: Db, backendId: number) {
  return db
    .selectFrom('subscription')
    .leftJoin('plan', 'plan.id', 'subscription.plan_id')
    .leftJoin('customer', 'customer.id', 'subscription.customer_id')
    .select([
      'subscription.id',
      'subscription.stripe_subscription_id',
      'subscription.stripe_customer_id',
      'plan.title',
      'subscription.customer_id',
      'customer.email',
      'subscription.status',
      // What its items cost at Stripe: with a change that waits, more or less than what is paid for now.
      sql<number>`coalesce((select sum(item.amount_minor * item.quantity)::int8 from subscription_item item
        where item.subscription_id = subscription.id), subscription.amount_minor)`.as(
        'items_minor',
      ),
      'subscription.currency',
      'subscription.interval_unit',
      'subscription.interval_count',
      'subscription.started_at',
      'subscription.period_ends_at',
      'subscription.trial_ends_at',
      'subscription.cancels_at',
      'subscription.ended_at',
      'subscription.is_paused',
      'subscription.discount_name',
      'subscription.synced_at',
    ])
    .where('subscription.backend_id', '=', backendId)
}

type Row = Awaited<ReturnType<ReturnType<typeof selected>['execute']>>[number]

const fromRow = (row: Row): HereRow => ({
  id: row.id,
  stripeSubscriptionId: row.stripe_subscription_id,
  stripeCustomerId: row.stripe_customer_id,
  title: row.title ?? undefined,
  customerId: row.customer_id ?? undefined,
  email: row.email ?? undefined,
  // The table's checks hold both to the words of their types.
  status: row.status as SubscriptionStatus,
  amountMinor: row.items_minor,
  currency: row.currency,
  interval: { unit: row.interval_unit as IntervalUnit, count: row.interval_count },
  startedAt: row.started_at,
  periodEndsAt: row.period_ends_at ?? undefined,
  trialEndsAt: row.trial_ends_at ?? undefined,
  cancelsAt: row.cancels_at ?? undefined,
  endedAt: row.ended_at ?? undefined,
  isPaused: row.is_paused,
  discount: row.discount_name ?? undefined,
  syncedAt: row.synced_at,
})

export async function hereByStripeId(
  db: Db,
  backendId: number,
  stripeSubscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, HereRow>> {
  if (stripeSubscriptionIds.length === 0) return new Map()
  const rows = await selected(db, backendId)
    .where('subscription.stripe_subscription_id', 'in', stripeSubscriptionIds)
    .execute()
  return new Map(rows.map((row) => [row.stripe_subscription_id, fromRow(row)]))
}

/** Live ones that nobody here is known to hold. */
export async function unheldRows(db: Db, backendId: number, reach: Reach): Promise<HereRow[]> {
  const rows = await selected(db, backendId)
    .where('subscription.customer_id', 'is', null)
    .where('subscription.is_live', '=', true)
    .$call(reaching(reach, { table: 'subscription', at: 'started_at' }))
    .execute()
  return rows.map(fromRow)
}

export async function countLive(
  db: Db,
  backendId: number,
): Promise<{ readonly live: number; readonly unheld: number }> {
  const row = await db
    .selectFrom('subscription')
    .select((select) => [
      select.fn.countAll<number>().as('live'),
      sql<number>`count(*) filter (where customer_id is null)`.as('unheld'),
    ])
    .where('backend_id', '=', backendId)
    .where('is_live', '=', true)
    .executeTakeFirstOrThrow()
  return row
}

export async function memberOfEmail(tx: Tx, email: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('member')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirst()
  return row?.id
}

/** Its id at Stripe; undefined: there is none like it. */
export async function stripeIdOf(
  tx: Tx,
  backendId: number,
  id: string,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('subscription')
    .select('stripe_subscription_id')
    .where('backend_id', '=', backendId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.stripe_subscription_id
}

/** Says whose it is; and, where nothing else is known, who its customer at Stripe is. */
export async function setHolder(
  tx: Tx,
  of: { readonly id: string; readonly memberId: string; readonly customerId: string },
): Promise<void> {
  await tx
    .updateTable('subscription')
    .set({ member_id: of.memberId, customer_id: of.customerId })
    .where('id', '=', of.id)
    .where('customer_id', 'is', null)
    .execute()
  await sql`
    insert into stripe_customer (id, backend_id, member_id, stripe_customer_id)
    select gen_random_uuid(), s.backend_id, ${of.memberId}::uuid, s.stripe_customer_id from subscription s
    where s.id = ${of.id} and not exists (
      select from stripe_customer known where known.backend_id = s.backend_id
        and (known.stripe_customer_id = s.stripe_customer_id or (known.member_id = ${of.memberId}::uuid and known.gone_at is null)))`.execute(
    tx,
  )
}
