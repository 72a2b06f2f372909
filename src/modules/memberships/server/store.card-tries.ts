import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

export type CardTryState = 'due' | 'paid' | 'refused' | 'known' | 'needless' | 'given_up'

/** One invoice that is owed and one card it is to be tried with. */
export interface CardTry {
  readonly id: string
  readonly stripeInvoiceId: string
  readonly stripeMethodId: string
  readonly stripeSubscriptionId: string
  /** Which try this is: 1 = the first. */
  readonly tries: number
  /** Stripe was asked to charge it before; the answer did not come. */
  readonly wasAsked: boolean
  /** As it is known here: the invoice is open, and its subscription asks for money. */
  readonly isOwed: boolean
  readonly isPaid: boolean
}

/** Whoever takes a try has it for so long. */
const holdSeconds = 60

/**
 * Notes that what a subscription owes is to be tried with the card it is charged on now, once for each invoice and card. Nothing where
 * nothing is owed. One that was needless, since nothing was owed just then, is due again.
 */
export async function noteCardToTry(tx: Tx, subscriptionId: string): Promise<void> {
  await sql`
    insert into card_try as known (id, invoice_id, stripe_method_id)
    select gen_random_uuid(), i.id, s.stripe_method_id
    from subscription s join subscription_invoice i on i.subscription_id = s.id and i.status = 'open' and i.attempts > 0
    where s.id = ${subscriptionId} and s.status in ('past_due', 'unpaid') and not s.is_paused and s.surplus_reason is null
      and s.stripe_method_id is not null
    order by i.made_at desc limit 5
    on conflict (invoice_id, stripe_method_id) do update set state = 'due', due_at = clock_now(), settled_at = null, tries = 0
      where known.state = 'needless'`.execute(tx)
}

const taken = sql`
  returning try.id, try.stripe_method_id, try.tries, try.asked_at is not null as was_asked, i.stripe_invoice_id, s.stripe_subscription_id,
    i.status = 'open' and s.status in ('past_due', 'unpaid') and not s.is_paused and s.surplus_reason is null and not s.is_gone as is_owed,
    i.status = 'paid' as is_paid`

interface TakenRow {
  id: string
  stripe_method_id: string
  tries: number
  was_asked: boolean
  stripe_invoice_id: string
  stripe_subscription_id: string
  is_owed: boolean
  is_paid: boolean
}

const tryOf = (row: TakenRow | undefined): CardTry | undefined =>
  row && {
    id: row.id,
    stripeInvoiceId: row.stripe_invoice_id,
    stripeMethodId: row.stripe_method_id,
    stripeSubscriptionId: row.stripe_subscription_id,
    tries: row.tries,
    wasAsked: row.was_asked,
    isOwed: row.is_owed,
    isPaid: row.is_paid,
  }

/** Takes the try that has been due longest, so that nobody else works on it meanwhile. */
export async function takeDueTry(db: Db, backendId: number): Promise<CardTry | undefined> {
  const { rows } = await sql<TakenRow>`
    update card_try try set tries = try.tries + 1, held_until = machine_now() + ${holdSeconds} * interval '1 second'
    from subscription_invoice i join subscription s on s.id = i.subscription_id
    where i.id = try.invoice_id and try.id = (
      select t.id from card_try t join subscription_invoice o on o.id = t.invoice_id
      where t.state = 'due' and t.due_at <= clock_now() and t.held_until <= machine_now() and o.backend_id = ${backendId}
      order by t.due_at limit 1 for update of t skip locked)
    ${taken}`.execute(db)
  return tryOf(rows[0])
}

/** The same of one invoice and card, whenever it is due; undefined: there is none to take right now. */
export async function takeTryOf(
  db: Db,
  invoiceId: string,
  stripeMethodId: string,
): Promise<CardTry | undefined> {
  const { rows } = await sql<TakenRow>`
    update card_try try set tries = try.tries + 1, held_until = machine_now() + ${holdSeconds} * interval '1 second'
    from subscription_invoice i join subscription s on s.id = i.subscription_id
    where i.id = try.invoice_id and try.invoice_id = ${invoiceId} and try.stripe_method_id = ${stripeMethodId}
      and try.state = 'due' and try.held_until <= machine_now()
    ${taken}`.execute(db)
  return tryOf(rows[0])
}

/** How the try of an invoice with a card stands; undefined: there is none. */
export async function stateOfTry(
  db: Db,
  invoiceId: string,
  stripeMethodId: string,
): Promise<CardTryState | undefined> {
  const row = await db
    .selectFrom('card_try')
    .select('state')
    .where('invoice_id', '=', invoiceId)
    .where('stripe_method_id', '=', stripeMethodId)
    .executeTakeFirst()
  // The table's check holds it to the words of this type.
  return row?.state as CardTryState | undefined
}

/** Committed before Stripe is asked. false: it was settled meanwhile. */
export async function noteAsked(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('card_try')
    .set({ asked_at: clockNow })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Returns whether it was settled now. */
export async function settleTry(
  db: Db,
  id: string,
  state: Exclude<CardTryState, 'due'>,
  error?: string,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('card_try')
    .set({
      state,
      due_at: null,
      settled_at: clockNow,
      ...(error === undefined ? {} : { last_error: error.slice(0, 500) }),
    })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Gives a try back, to be taken again later. */
export async function postponeTry(
  db: Db,
  id: string,
  waitMs: number,
  error: string,
): Promise<void> {
  await db
    .updateTable('card_try')
    .set({
      due_at: sql<Date>`clock_now() + ${waitMs} * interval '1 millisecond'`,
      held_until: sql<Date>`'-infinity'::timestamptz`,
      last_error: error.slice(0, 500),
    })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .execute()
}

/** How many invoices of a member were paid by such a try in these last minutes. */
export async function justPaid(
  db: Db,
  backendId: number,
  memberId: string,
  minutes: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from subscription s
    join subscription_invoice i on i.subscription_id = s.id join card_try t on t.invoice_id = i.id
    where s.member_id = ${memberId} and s.backend_id = ${backendId} and t.state = 'paid'
      and t.settled_at > clock_now() - ${minutes} * interval '1 minute'`.execute(db)
  return rows[0]?.count ?? 0
}
