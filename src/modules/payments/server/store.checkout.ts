import { sql } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Checkout, CheckoutLine, CheckoutState, SessionView } from '../types.ts'

const columns = [
  'id',
  'backend_id',
  'payable',
  'state',
  'member_id',
  'email',
  'currency',
  'total_minor',
  'discount_minor',
  'coupon_code',
  'stripe_session_id',
  'stripe_session_url',
  'expires_at',
  'created_at',
  'failure',
] as const

interface Row {
  id: string
  backend_id: number
  payable: string
  state: string
  member_id: string | null
  email: string | null
  currency: string
  total_minor: number
  discount_minor: number
  coupon_code: string | null
  stripe_session_id: string | null
  stripe_session_url: string | null
  expires_at: Date | null
  created_at: Date
  failure: string | null
}

function fromRow(row: Row): Checkout {
  return {
    id: row.id,
    backendId: row.backend_id,
    payable: row.payable,
    state: row.state as CheckoutState, // held to these words by the table's check
    memberId: row.member_id ?? undefined,
    email: row.email ?? undefined,
    currency: row.currency,
    totalMinor: row.total_minor,
    discountMinor: row.discount_minor,
    couponCode: row.coupon_code ?? undefined,
    sessionId: row.stripe_session_id ?? undefined,
    sessionUrl: row.stripe_session_url ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    createdAt: row.created_at,
    failure: row.failure ?? undefined,
  }
}

export interface NewCheckout {
  readonly id: string
  readonly backendId: number
  readonly payable: string
  readonly memberId: string | undefined
  readonly email: string | undefined
  readonly visitor: string | undefined
  readonly offer: string | undefined
  readonly currency: string
  readonly couponCode: string | undefined
  readonly lines: readonly CheckoutLine[]
  readonly enclosure: string | undefined
}

/** Writes a checkout and its lines in one statement, durable when it resolves. Returns when it was made. */
export async function insertCheckout(db: Db, checkout: NewCheckout): Promise<Date> {
  const fullMinor = checkout.lines.reduce((sum, line) => sum + line.unitMinor * line.quantity, 0)
  const discountMinor = checkout.lines.reduce((sum, line) => sum + line.discountMinor, 0)
  const { created_at } = await db
    .with('made', (query) =>
      query
        .insertInto('checkout')
        .values({
          id: checkout.id,
          backend_id: checkout.backendId,
          payable: checkout.payable,
          member_id: checkout.memberId ?? null,
          email: checkout.email ?? null,
          visitor: checkout.visitor ?? null,
          offer: checkout.offer ?? null,
          currency: checkout.currency,
          total_minor: fullMinor - discountMinor,
          discount_minor: discountMinor,
          coupon_code: checkout.couponCode ?? null,
          enclosure: checkout.enclosure ?? null,
          // Should the answer of Stripe be lost, the sweep asks again with the same key.
          sync_due_at: sql`clock_now() + interval '2 minutes'`,
        })
        .returning('created_at'),
    )
    .with('lines', (query) =>
      query
        .insertInto('checkout_line')
        .values(
          checkout.lines.map((line, position) => ({
            checkout_id: checkout.id,
            position,
            product_id: line.productId,
            price_id: line.priceId,
            kind: line.kind,
            title: line.title,
            quantity: line.quantity,
            unit_minor: line.unitMinor,
            discount_minor: line.discountMinor,
            bundle_id: line.bundle?.productId ?? null,
            bundle_title: line.bundle?.title ?? null,
            bundle_at: line.bundle?.at ?? null,
          })),
        )
        .returning('position'),
    )
    .selectFrom('made')
    .select('made.created_at')
    .executeTakeFirstOrThrow()
  return created_at
}

/** What a sale names and this database does not have. */
export async function unknownOf(
  db: Db,
  sale: { readonly memberId: string | undefined; readonly lines: readonly CheckoutLine[] },
): Promise<{ readonly isMemberUnknown: boolean; readonly titles: readonly string[] }> {
  const prices = await db
    .selectFrom('price')
    .select(['id', 'product_id'])
    .where(
      'id',
      'in',
      sale.lines.map((line) => line.priceId),
    )
    .execute()
  const productOf = new Map(prices.map((price) => [price.id, price.product_id]))
  const products = await db
    .selectFrom('product')
    .select('id')
    .where(
      'id',
      'in',
      sale.lines.map((line) => line.productId),
    )
    .execute()
  const known = new Set(products.map((product) => product.id))
  const member =
    sale.memberId === undefined
      ? undefined
      : await db
          .selectFrom('member')
          .select('id')
          .where('id', '=', sale.memberId)
          .executeTakeFirst()
  return {
    isMemberUnknown: member === undefined,
    titles: sale.lines
      .filter(
        (line) =>
          productOf.get(line.priceId) !== (line.bundle?.productId ?? line.productId) ||
          !known.has(line.productId),
      )
      .map((line) => line.title),
  }
}

export async function findCheckout(db: Db, id: string): Promise<Checkout | undefined> {
  const row = await db
    .selectFrom('checkout')
    .select(columns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** What is to be enclosed in the note of a checkout of which Stripe has not answered yet. */
export async function enclosureOf(db: Db, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('checkout')
    .select('enclosure')
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.enclosure ?? undefined
}

/**
 * A checkout with its lines, locked until the transaction ends: whoever settles it second sees what the first one did.
 * by: the session it was sent to, or its own id where the answer that brought the session was lost.
 */
export async function lockCheckout(
  tx: Tx,
  by: { readonly backendId: number; readonly sessionId: string } | { readonly id: string },
): Promise<{ checkout: Checkout; lines: readonly CheckoutLine[] } | undefined> {
  let query = tx
    .selectFrom('checkout')
    .select(columns)
    .select((select) =>
      jsonArrayFrom(
        select
          .selectFrom('checkout_line')
          .select(lineColumns)
          .whereRef('checkout_line.checkout_id', '=', 'checkout.id')
          .orderBy('position'),
      ).as('lines'),
    )
    .forUpdate()
  query =
    'id' in by
      ? query.where('id', '=', by.id)
      : query.where('backend_id', '=', by.backendId).where('stripe_session_id', '=', by.sessionId)
  const row = await query.executeTakeFirst()
  return row && { checkout: fromRow(row), lines: row.lines.map(lineFromRow) }
}

const lineColumns = [
  'product_id as productId',
  'price_id as priceId',
  'kind',
  'title',
  'quantity',
  'unit_minor as unitMinor',
  'discount_minor as discountMinor',
  'bundle_id',
  'bundle_title',
  'bundle_at',
] as const

interface LineRow extends Omit<CheckoutLine, 'bundle'> {
  readonly bundle_id: string | null
  readonly bundle_title: string | null
  readonly bundle_at: number | null
}

function lineFromRow({ bundle_id, bundle_title, bundle_at, ...line }: LineRow): CheckoutLine {
  return {
    ...line,
    // The table's check: all three or none.
    bundle:
      bundle_id === null || bundle_title === null || bundle_at === null
        ? undefined
        : { productId: bundle_id, title: bundle_title, at: bundle_at },
  }
}

export async function linesOf(db: Db, checkoutId: string): Promise<CheckoutLine[]> {
  const rows = await db
    .selectFrom('checkout_line')
    .select(lineColumns)
    .where('checkout_id', '=', checkoutId)
    .orderBy('position')
    .execute()
  return rows.map(lineFromRow)
}

/** An open session of the same browser for exactly the same offer, good for ten more minutes at least. */
export async function findReusable(
  db: Db,
  by: { readonly backendId: number; readonly visitor: string; readonly offer: string },
): Promise<Checkout | undefined> {
  const row = await db
    .selectFrom('checkout')
    .select(columns)
    .where('visitor', '=', by.visitor)
    .where('offer', '=', by.offer)
    .where('backend_id', '=', by.backendId)
    .where('state', '=', 'open')
    .where('stripe_session_url', 'is not', null)
    .where('expires_at', '>', sql<Date>`clock_now() + interval '10 minutes'`)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && fromRow(row)
}

/**
 * What the same browser got for nothing within the last minute, exactly the same. Whoever else asks meanwhile for the same
 * waits until the transaction ends.
 */
export async function findJustGiven(
  tx: Tx,
  by: { readonly backendId: number; readonly visitor: string; readonly offer: string },
): Promise<{ readonly id: string; readonly madeAt: Date } | undefined> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`given ${by.visitor} ${by.offer}`}, 0))`.execute(
    tx,
  )
  return (
    tx
      .selectFrom('checkout')
      .select(['id', 'created_at as madeAt'])
      // First, because it has an index: there are few of a minute.
      .where('created_at', '>', sql<Date>`clock_now() - interval '1 minute'`)
      .where('visitor', '=', by.visitor)
      .where('offer', '=', by.offer)
      .where('backend_id', '=', by.backendId)
      .where('state', '=', 'paid')
      .where('total_minor', '=', 0)
      .limit(1)
      .executeTakeFirst()
  )
}

/** What a browser left open, newest first. */
export async function openCheckoutsOf(
  db: Db,
  backendId: number,
  visitor: string,
  most: number,
): Promise<Checkout[]> {
  const rows = await db
    .selectFrom('checkout')
    .select(columns)
    .where('visitor', '=', visitor)
    .where('backend_id', '=', backendId)
    .where('state', '=', 'open')
    .orderBy('created_at', 'desc')
    .limit(most)
    .execute()
  return rows.map(fromRow)
}

/** Binds the provider's session to its checkout. The next look without a reason is ten minutes on. */
export async function storeSession(
  db: Db,
  checkoutId: string,
  session: SessionView,
): Promise<void> {
  await db
    .updateTable('checkout')
    .set({
      stripe_session_id: session.sessionId,
      stripe_session_url: session.url ?? null,
      expires_at: session.expiresAt ?? null,
      enclosure: null, // Stripe has it
      sync_due_at: sql`clock_now() + interval '10 minutes'`,
    })
    .where('id', '=', checkoutId)
    .where((where) =>
      where.or([
        where('stripe_session_id', 'is', null),
        where('stripe_session_id', '=', session.sessionId),
      ]),
    )
    .execute()
}

/** Moves the checkout on. nextLook: when to ask again although nothing was heard; null = never. */
export async function setCheckoutState(
  tx: Tx,
  checkoutId: string,
  change: {
    readonly state: CheckoutState
    readonly failure?: string
    readonly session?: SessionView
  },
): Promise<void> {
  const isFinished =
    change.state === 'paid' || change.state === 'expired' || change.state === 'failed'
  await tx
    .updateTable('checkout')
    .set({
      state: change.state,
      failure: change.failure ?? null,
      synced_at: clockNow,
      sync_due_at: isFinished ? null : nextLook,
      ...(isFinished ? { finished_at: clockNow, enclosure: null } : {}),
      ...(change.session
        ? {
            stripe_session_id: change.session.sessionId,
            expires_at: change.session.expiresAt ?? null,
            stripe_session_url: change.session.url ?? null,
          }
        : {}),
    })
    .where('id', '=', checkoutId)
    .execute()
}

/**
 * An open session is looked at again a minute after it can no longer be paid; a delayed payment every six hours.
 * Both only in case no event came.
 */
const nextLook = sql<Date>`case
  when state = 'open' and expires_at > clock_now() then expires_at + interval '1 minute'
  else clock_now() + interval '6 hours' end`

/** Checkouts nobody spoke of for too long, each put off by ten minutes so that no other process takes it too. */
export async function takeDueCheckouts(
  db: Db,
  backendId: number,
  most: number,
): Promise<Checkout[]> {
  const rows = await db
    .updateTable('checkout')
    .set({ sync_due_at: sql`clock_now() + interval '10 minutes'` })
    .where('id', 'in', (query) =>
      query
        .selectFrom('checkout')
        .select('id')
        .where('state', 'in', ['open', 'awaiting_payment'])
        .where('backend_id', '=', backendId)
        .where('sync_due_at', '<=', clockNow)
        .orderBy('sync_due_at')
        .limit(most)
        .forUpdate()
        .skipLocked(),
    )
    .returning(columns)
    .execute()
  return rows.map(fromRow)
}

export async function recentlySynced(
  db: Db,
  checkoutId: string,
  withinMs: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('checkout')
    .select('id')
    .where('id', '=', checkoutId)
    .where('synced_at', '>', sql<Date>`clock_now() - ${withinMs} * interval '1 millisecond'`)
    .executeTakeFirst()
  return row !== undefined
}

export async function noteSynced(db: Db, checkoutId: string): Promise<void> {
  await db
    .updateTable('checkout')
    .set({ synced_at: clockNow, sync_due_at: nextLook })
    .where('id', '=', checkoutId)
    .execute()
}
