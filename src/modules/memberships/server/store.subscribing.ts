import { mailboxMark } from './mailbox-mark.ts'
import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

export interface OpenCheckout {
  readonly id: string
  readonly memberId: string | undefined
  readonly planId: string
  readonly trialDays: number
  /** With which coupon. */
  readonly couponAtStripeId: string | undefined
  readonly stripeSessionId: string | undefined
  readonly stripeSessionUrl: string | undefined
  readonly expiresAt: Date | undefined
  readonly isToClose: boolean
  readonly createdAt: Date
}

const columns = [
  'id',
  'member_id',
  'plan_id',
  'trial_days',
  'coupon_at_stripe_id',
  'stripe_session_id',
  'stripe_session_url',
  'expires_at',
  'is_to_close',
  'created_at',
] as const

interface Row {
  id: string
  member_id: string | null
  plan_id: string
  trial_days: number
  coupon_at_stripe_id: string | null
  stripe_session_id: string | null
  stripe_session_url: string | null
  expires_at: Date | null
  is_to_close: boolean
  created_at: Date
}

function fromRow(row: Row): OpenCheckout {
  return {
    id: row.id,
    memberId: row.member_id ?? undefined,
    planId: row.plan_id,
    trialDays: row.trial_days,
    couponAtStripeId: row.coupon_at_stripe_id ?? undefined,
    stripeSessionId: row.stripe_session_id ?? undefined,
    stripeSessionUrl: row.stripe_session_url ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    isToClose: row.is_to_close,
    createdAt: row.created_at,
  }
}

/** Of two presses of a member at once, the second waits and finds what the first one opened. */
export async function lockSubscriber(tx: Tx, memberId: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('member')
    .select('email')
    .where('id', '=', memberId)
    .forUpdate()
    .executeTakeFirst()
  return row?.email
}

export async function openCheckoutsOfMember(
  tx: Tx,
  backendId: number,
  memberId: string,
): Promise<OpenCheckout[]> {
  const rows = await tx
    .selectFrom('subscription_checkout')
    .select(columns)
    .where('backend_id', '=', backendId)
    .where('member_id', '=', memberId)
    .where('state', '=', 'open')
    .where('is_to_close', '=', false)
    .orderBy('created_at')
    .execute()
  return rows.map(fromRow)
}

export async function hasLive(
  tx: Tx,
  backendId: number,
  memberId: string,
  group: string,
): Promise<boolean> {
  const row = await tx
    .selectFrom('subscription')
    .select('id')
    .where('backend_id', '=', backendId)
    .where('member_id', '=', memberId)
    .where('is_live', '=', true)
    .where('surplus_reason', 'is', null)
    .where(sql<boolean>`lower(plan_group) = lower(${group})`)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function hadTrial(
  tx: Db,
  group: string,
  person: { readonly memberId: string; readonly mailbox: string },
): Promise<boolean> {
  const row = await tx
    .selectFrom('trial_claim')
    .select('kind')
    .where('plan_group', '=', group.toLowerCase())
    .where((where) =>
      where.or([
        where.and([where('kind', '=', 'member'), where('person', '=', person.memberId)]),
        where.and([
          where('kind', '=', 'mailbox'),
          // Those of before were kept as they are written.
          where('person', 'in', [mailboxMark(person.mailbox), person.mailbox]),
        ]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function insertCheckout(
  tx: Tx,
  checkout: {
    readonly id: string
    readonly backendId: number
    readonly memberId: string
    readonly planId: string
    readonly trialDays: number
    readonly couponAtStripeId: string | undefined
  },
): Promise<Date> {
  const { created_at } = await tx
    .insertInto('subscription_checkout')
    .values({
      id: checkout.id,
      backend_id: checkout.backendId,
      member_id: checkout.memberId,
      plan_id: checkout.planId,
      trial_days: checkout.trialDays,
      coupon_at_stripe_id: checkout.couponAtStripeId ?? null,
    })
    .returning('created_at')
    .executeTakeFirstOrThrow()
  return created_at
}

export async function markToClose(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx
    .updateTable('subscription_checkout')
    .set({ is_to_close: true, due_at: clockNow })
    .where('id', 'in', ids)
    .execute()
}

export async function storeSession(
  db: Db,
  id: string,
  session: {
    readonly sessionId: string
    readonly url: string | undefined
    readonly expiresAt: Date | undefined
  },
): Promise<boolean> {
  const row = await db
    .updateTable('subscription_checkout')
    .set({
      stripe_session_id: session.sessionId,
      stripe_session_url: session.url ?? null,
      expires_at: session.expiresAt ?? null,
      due_at: sql<Date>`case when is_to_close then clock_now() else coalesce(${session.expiresAt ?? null}::timestamptz, clock_now()) + interval '2 minutes' end`,
    })
    .where('id', '=', id)
    .returning('is_to_close')
    .executeTakeFirst()
  return row?.is_to_close ?? false
}

export async function failCheckout(db: Db, id: string, failure: string): Promise<void> {
  await db
    .updateTable('subscription_checkout')
    .set({
      state: 'failed',
      failure: failure.slice(0, 500),
      finished_at: clockNow,
      due_at: null,
    })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .execute()
}

/** Each is put off by the time one try may take: of several processes one works on it. */
export async function takeDueCheckouts(
  db: Db,
  backendId: number,
  most: number,
): Promise<OpenCheckout[]> {
  const { rows } = await sql<Row>`
    update subscription_checkout set due_at = clock_now() + interval '5 minutes'
    where id in (
      select id from subscription_checkout where backend_id = ${backendId} and state = 'open' and due_at <= clock_now()
      order by due_at limit ${most} for update skip locked)
    returning id, member_id, plan_id, trial_days, coupon_at_stripe_id, stripe_session_id, stripe_session_url, expires_at, is_to_close, created_at`.execute(
    db,
  )
  return rows.map(fromRow)
}

/** These, for somebody who waits; each once. */
export async function takeTheseCheckouts(db: Db, ids: readonly string[]): Promise<OpenCheckout[]> {
  const { rows } = await sql<Row>`
    update subscription_checkout set due_at = clock_now() + interval '5 minutes'
    where id = any(${ids}::uuid[]) and state = 'open'
    returning id, member_id, plan_id, trial_days, coupon_at_stripe_id, stripe_session_id, stripe_session_url, expires_at, is_to_close, created_at`.execute(
    db,
  )
  return rows.map(fromRow)
}

/** The member's row for a customer at Stripe: the id is the key by which it is made once. */
export async function customerAtStripe(
  tx: Tx,
  backendId: number,
  memberId: string,
  newId: string,
): Promise<{ readonly id: string; readonly stripeCustomerId: string | undefined }> {
  await tx
    .insertInto('stripe_customer')
    .values({ id: newId, backend_id: backendId, member_id: memberId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await tx
    .selectFrom('stripe_customer')
    .select(['id', 'stripe_customer_id'])
    .where('backend_id', '=', backendId)
    .where('member_id', '=', memberId)
    .where('gone_at', 'is', null)
    .executeTakeFirstOrThrow()
  return { id: row.id, stripeCustomerId: row.stripe_customer_id ?? undefined }
}

export async function storeCustomerAtStripe(
  db: Db,
  id: string,
  stripeCustomerId: string,
): Promise<void> {
  await db
    .updateTable('stripe_customer')
    .set({ stripe_customer_id: stripeCustomerId })
    .where('id', '=', id)
    .execute()
}

/** Deleted at Stripe: the next checkout makes a new one. */
export async function forgetCustomer(
  db: Db,
  backendId: number,
  stripeCustomerId: string,
): Promise<void> {
  await db
    .updateTable('stripe_customer')
    .set({ gone_at: clockNow })
    .where('backend_id', '=', backendId)
    .where('stripe_customer_id', '=', stripeCustomerId)
    .execute()
}

export interface Surplus {
  readonly id: string
  readonly checkoutId: string | null
  readonly stripeSubscriptionId: string
  readonly reason: string
  readonly currency: string
  readonly email: string | null
  readonly payments: readonly { readonly intentId: string; readonly paidMinor: number }[]
}

/** Subscriptions that are to be cancelled and given back. */
export async function unsettledSurplus(
  db: Db,
  backendId: number,
  most: number,
): Promise<Surplus[]> {
  const { rows } = await sql<Surplus>`
    select s.id, s.checkout_id as "checkoutId", s.stripe_subscription_id as "stripeSubscriptionId", s.surplus_reason as reason, s.currency, m.email,
      coalesce((select json_agg(json_build_object('intentId', i.stripe_payment_intent_id, 'paidMinor', i.paid_minor))
        from subscription_invoice i where i.subscription_id = s.id and i.stripe_payment_intent_id is not null and i.paid_minor > 0), '[]') as payments
    from subscription s left join member m on m.id = s.member_id
    where s.backend_id = ${backendId} and s.surplus_reason is not null and s.surplus_settled_at is null
    order by s.started_at limit ${most}`.execute(db)
  return rows
}

/** Returns whether it was not settled before. */
export async function settleSurplus(tx: Tx, id: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('subscription')
    .set({ surplus_settled_at: clockNow })
    .where('id', '=', id)
    .where('surplus_settled_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
