import { sql, type RawBuilder } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { AccessRules } from '../access.ts'
import type { SubscriptionMoney } from '../subscription-money.ts'

/** The last reminder comes this long before the grace ends; a grace that is no longer has none. */
export const reminderDays = 1

export interface Owing {
  readonly stripeSubscriptionId: string
  readonly isOver: boolean
}

/** Subscriptions whose holder is to be reminded, or told that the grace is over; each is found until it was written down. */
export async function owingToTell(
  db: Db,
  backendId: number,
  graceDays: number,
  most: number,
): Promise<Owing[]> {
  const { rows } = await sql<{ stripe_subscription_id: string; is_over: boolean }>`
    select stripe_subscription_id, is_over from (
      select stripe_subscription_id, past_due_since, id,
        past_due_since + ${graceDays} * interval '1 day' <= clock_now() as is_over
      from subscription
      where backend_id = ${backendId} and status = 'past_due' and surplus_reason is null
        and past_due_since <= clock_now() - ${Math.max(0, graceDays - reminderDays)} * interval '1 day'
    ) owing
    where (is_over or ${graceDays > reminderDays})
      and not exists (select from subscription_event told where told.subscription_id = owing.id and told.at >= owing.past_due_since
        and (told.what = 'grace_over' or (told.what = 'grace_ending' and not is_over)))
    order by past_due_since limit ${most}`.execute(db)
  return rows.map((row) => ({
    stripeSubscriptionId: row.stripe_subscription_id,
    isOver: row.is_over,
  }))
}

export async function wasTold(
  tx: Tx,
  subscriptionId: string,
  what: 'grace_ending' | 'grace_over',
  since: Date,
): Promise<boolean> {
  const row = await tx
    .selectFrom('subscription_event')
    .select('id')
    .where('subscription_id', '=', subscriptionId)
    .where('what', '=', what)
    .where('at', '>=', since)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Those whose access depends on the rules of this moment. */
export async function ruledSubscriptions(tx: Tx): Promise<{ backendId: number; id: string }[]> {
  const rows = await tx
    .selectFrom('subscription')
    .select(['backend_id', 'stripe_subscription_id'])
    .where('is_live', '=', true)
    .where((where) => where.or([where('status', '=', 'past_due'), where('is_paused', '=', true)]))
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ backendId: row.backend_id, id: row.stripe_subscription_id }))
}

export async function lockRules(tx: Tx): Promise<AccessRules> {
  const row = await tx
    .selectFrom('membership_rules')
    .select(['grace_days', 'pause_keeps_access'])
    .forUpdate()
    .executeTakeFirstOrThrow()
  return { graceDays: row.grace_days, pauseKeepsAccess: row.pause_keeps_access }
}

export async function storeRules(tx: Tx, rules: AccessRules): Promise<void> {
  await tx
    .updateTable('membership_rules')
    .set({ grace_days: rules.graceDays, pause_keeps_access: rules.pauseKeepsAccess })
    .execute()
}

export interface OwedRow {
  readonly subscriptionId: string
  readonly stripeSubscriptionId: string
  readonly title: string
  readonly status: 'past_due' | 'unpaid'
  readonly periodEndsAt: Date | undefined
  readonly cancelsAt: Date | undefined
  readonly pastDueSince: Date | undefined
  readonly isPaused: boolean
  /** What is charged; undefined: nothing that is known. */
  readonly stripeMethodId: string | undefined
  /** The card that is on file was tried for it by itself, and refused; its last digits where it has any. */
  readonly refused: { readonly last4: string | undefined } | undefined
  readonly money: SubscriptionMoney
}

/** Whether a member may owe a payment, as an expression for the statement that finds their session: by the index subscription_owing. */
export const mayOwe = (memberId: RawBuilder<string>): RawBuilder<boolean> =>
  sql`exists (select from subscription where member_id = ${memberId} and status in ('past_due', 'unpaid'))`

/** What a member owes a payment for. */
export async function owedOfMember(
  db: Db,
  backendId: number,
  memberId: string,
): Promise<OwedRow[]> {
  const rows = await db
    .selectFrom('subscription')
    .leftJoin('plan', 'plan.id', 'subscription.plan_id')
    .select([
      'subscription.id',
      'subscription.stripe_subscription_id',
      'plan.title',
      'subscription.status',
      'subscription.period_ends_at',
      'subscription.cancels_at',
      'subscription.past_due_since',
      'subscription.is_paused',
      'subscription.stripe_method_id',
      'subscription.card_last4',
      sql<boolean>`exists (select from card_try t join subscription_invoice i on i.id = t.invoice_id
        where i.subscription_id = subscription.id and i.status = 'open'
          and t.stripe_method_id = subscription.stripe_method_id and t.state = 'refused')`.as(
        'is_refused',
      ),
      'subscription.money',
    ])
    .where('subscription.member_id', '=', memberId)
    .where('subscription.status', 'in', ['past_due', 'unpaid'])
    .where('subscription.backend_id', '=', backendId)
    .where('subscription.surplus_reason', 'is', null)
    .orderBy('subscription.past_due_since')
    .limit(5)
    .execute()
  return rows.map((row) => ({
    subscriptionId: row.id,
    stripeSubscriptionId: row.stripe_subscription_id,
    title: row.title ?? 'your subscription',
    status: row.status === 'unpaid' ? 'unpaid' : 'past_due',
    periodEndsAt: row.period_ends_at ?? undefined,
    cancelsAt: row.cancels_at ?? undefined,
    pastDueSince: row.past_due_since ?? undefined,
    isPaused: row.is_paused,
    stripeMethodId: row.stripe_method_id ?? undefined,
    refused: row.is_refused ? { last4: row.card_last4 ?? undefined } : undefined,
    // The table's check holds it to the words of this type.
    money: row.money as SubscriptionMoney,
  }))
}

/** What is open to be paid, the oldest first. */
export async function openInvoicesOf(
  db: Db,
  subscriptionId: string,
  most: number,
): Promise<{ readonly id: string; readonly stripeInvoiceId: string }[]> {
  const rows = await db
    .selectFrom('subscription_invoice')
    .select(['id', 'stripe_invoice_id'])
    .where('subscription_id', '=', subscriptionId)
    .where('status', '=', 'open')
    .orderBy('made_at')
    .limit(most)
    .execute()
  return rows.map((row) => ({ id: row.id, stripeInvoiceId: row.stripe_invoice_id }))
}

/** What an invoice asks for, and the last digits of the card where it is still the one on file. */
export async function dueOfInvoice(
  tx: Tx,
  backendId: number,
  of: { readonly stripeInvoiceId: string; readonly stripeMethodId: string },
): Promise<{ readonly minor: number; readonly last4: string | undefined } | undefined> {
  const row = await tx
    .selectFrom('subscription_invoice')
    .innerJoin('subscription', 'subscription.id', 'subscription_invoice.subscription_id')
    .select([
      'subscription_invoice.due_minor',
      'subscription.stripe_method_id',
      'subscription.card_last4',
    ])
    .where('subscription_invoice.backend_id', '=', backendId)
    .where('subscription_invoice.stripe_invoice_id', '=', of.stripeInvoiceId)
    .executeTakeFirst()
  return (
    row && {
      minor: row.due_minor,
      last4: row.stripe_method_id === of.stripeMethodId ? (row.card_last4 ?? undefined) : undefined,
    }
  )
}
