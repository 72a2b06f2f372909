import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import { clockNow, reaching, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { PaymentMode } from '#modules/payments/types.ts'
import type { LineRefund } from '../line-states.ts'
import type { Order, OrderLine, OrderWithLines } from '../types.ts'

const columns = [
  'shop_order.id',
  'shop_order.number',
  'shop_order.checkout_id',
  'shop_order.customer_id',
  'shop_order.email',
  'shop_order.buyer_name',
  'shop_order.country',
  'shop_order.currency',
  'shop_order.total_minor',
  'shop_order.discount_minor',
  'shop_order.coupon_code',
  'shop_order.tax_minor',
  'shop_order.refunded_minor',
  'shop_order.is_disputed',
  'shop_order.is_dispute_lost',
  'shop_order.mode',
  'shop_order.placed_at',
  'shop_order.link_version',
] as const

interface Row {
  id: string
  number: number
  checkout_id: string
  customer_id: string
  email: string
  buyer_name: string | null
  country: string | null
  currency: string
  total_minor: number
  discount_minor: number
  coupon_code: string | null
  tax_minor: number
  refunded_minor: number
  is_disputed: boolean
  is_dispute_lost: boolean
  mode: string
  placed_at: Date
  link_version: number
}

function fromRow(row: Row): Order {
  return {
    id: row.id,
    number: row.number,
    checkoutId: row.checkout_id,
    customerId: row.customer_id,
    email: row.email,
    buyerName: row.buyer_name ?? undefined,
    country: row.country ?? undefined,
    currency: row.currency,
    totalMinor: row.total_minor,
    discountMinor: row.discount_minor,
    couponCode: row.coupon_code ?? undefined,
    taxMinor: row.tax_minor,
    refundedMinor: row.refunded_minor,
    isDisputed: row.is_disputed,
    isDisputeLost: row.is_dispute_lost,
    mode: row.mode as PaymentMode, // held to these words by the table's check
    placedAt: row.placed_at,
    linkVersion: row.link_version,
  }
}

export interface NewOrder {
  readonly id: string
  readonly checkoutId: string
  readonly customerId: string
  readonly email: string
  readonly buyerName: string | undefined
  readonly country: string | undefined
  readonly currency: string
  readonly couponCode: string | undefined
  readonly mode: PaymentMode
  readonly lines: readonly (OrderLine & { readonly priceId: string })[]
}

/** Writes the order and its lines in one statement; returns them as they then stand. */
export async function insertOrder(tx: Tx, order: NewOrder): Promise<OrderWithLines> {
  const total = order.lines.reduce((sum, line) => sum + line.totalMinor, 0)
  const discount = order.lines.reduce((sum, line) => sum + line.discountMinor, 0)
  const tax = order.lines.reduce((sum, line) => sum + (line.tax?.minor ?? 0), 0)
  const made = await tx
    .with('made', (query) =>
      query
        .insertInto('shop_order')
        .values({
          id: order.id,
          checkout_id: order.checkoutId,
          customer_id: order.customerId,
          email: order.email,
          buyer_name: order.buyerName ?? null,
          country: order.country ?? null,
          currency: order.currency,
          total_minor: total,
          discount_minor: discount,
          coupon_code: order.couponCode ?? null,
          tax_minor: tax,
          mode: order.mode,
          placed_at: clockNow,
        })
        .returning(columns),
    )
    .with('lines', (query) =>
      query
        .insertInto('order_line')
        .values(
          order.lines.map((line, position) => ({
            id: line.id,
            order_id: order.id,
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
            total_minor: line.totalMinor,
            tax_basis_points: line.tax?.basisPoints ?? 0,
            tax_label: line.tax?.label ?? null,
            tax_minor: line.tax?.minor ?? 0,
          })),
        )
        .returning('id'),
    )
    .selectFrom('made')
    .selectAll()
    .executeTakeFirstOrThrow()
  return { ...fromRow(made), lines: order.lines }
}

export async function linesOfOrders(
  db: Db,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, OrderLine[]>> {
  const byOrder = new Map<string, OrderLine[]>()
  if (orderIds.length === 0) return byOrder
  const rows = await db
    .selectFrom('order_line')
    .select([
      'id',
      'order_id',
      'product_id',
      'kind',
      'title',
      'quantity',
      'unit_minor',
      'discount_minor',
      'bundle_id',
      'bundle_title',
      'bundle_at',
      'refunded_minor',
      'refunded_quantity',
      'total_minor',
      'tax_basis_points',
      'tax_label',
      'tax_minor',
    ])
    .where('order_id', 'in', orderIds)
    .orderBy('order_id')
    .orderBy('position')
    .execute()
  for (const row of rows) {
    const lines = byOrder.get(row.order_id) ?? []
    lines.push({
      id: row.id,
      productId: row.product_id,
      kind: row.kind,
      title: row.title,
      quantity: row.quantity,
      unitMinor: row.unit_minor,
      discountMinor: row.discount_minor,
      totalMinor: row.total_minor,
      // The table's check: all three or none.
      bundle:
        row.bundle_id === null || row.bundle_title === null || row.bundle_at === null
          ? undefined
          : { productId: row.bundle_id, title: row.bundle_title, at: row.bundle_at },
      refundedMinor: row.refunded_minor,
      refundedQuantity: row.refunded_quantity,
      tax:
        row.tax_label === null
          ? undefined
          : { basisPoints: row.tax_basis_points, label: row.tax_label, minor: row.tax_minor },
    })
    byOrder.set(row.order_id, lines)
  }
  return byOrder
}

async function withLines(db: Db, row: Row | undefined): Promise<OrderWithLines | undefined> {
  if (!row) return undefined
  return { ...fromRow(row), lines: (await linesOfOrders(db, [row.id])).get(row.id) ?? [] }
}

export async function findOrder(db: Db, id: string): Promise<OrderWithLines | undefined> {
  return withLines(
    db,
    await db.selectFrom('shop_order').select(columns).where('id', '=', id).executeTakeFirst(),
  )
}

export async function findOrderOfCheckout(
  db: Db,
  checkoutId: string,
): Promise<OrderWithLines | undefined> {
  return withLines(
    db,
    await db
      .selectFrom('shop_order')
      .select(columns)
      .where('checkout_id', '=', checkoutId)
      .executeTakeFirst(),
  )
}

export async function lockOrderOfCheckout(tx: Tx, checkoutId: string): Promise<OrderWithLines> {
  const row = await tx
    .selectFrom('shop_order')
    .select(columns)
    .where('checkout_id', '=', checkoutId)
    .forUpdate()
    .executeTakeFirst()
  const order = await withLines(tx, row)
  if (!order) throw new Error(`Checkout ${checkoutId} was paid but has no order.`)
  return order
}

/** What went back, of the order and of each line. */
export async function setRefunded(
  tx: Tx,
  orderId: string,
  refundedMinor: number,
  lines: readonly { readonly id: string; readonly minor: number; readonly quantity: number }[],
): Promise<void> {
  await tx
    .updateTable('shop_order')
    .set({ refunded_minor: refundedMinor })
    .where('id', '=', orderId)
    .execute()
  await sql`
    update order_line set refunded_minor = told.minor, refunded_quantity = told.quantity
    from unnest(${lines.map((line) => line.id)}::uuid[], ${lines.map((line) => line.minor)}::int8[],
      ${lines.map((line) => line.quantity)}::int[]) as told (id, minor, quantity)
    where order_line.id = told.id
      and (refunded_minor, refunded_quantity) is distinct from (told.minor, told.quantity)
  `.execute(tx)
}

export interface StoredLineRefund extends LineRefund {
  readonly refundId: string
}

/** What refunds gave to the lines of an order, oldest refund first. An order has at most a few hundred. */
export async function lineRefundsOf(db: Db, orderId: string): Promise<StoredLineRefund[]> {
  return db
    .selectFrom('refund_line')
    .innerJoin('order_line', 'order_line.id', 'refund_line.order_line_id')
    .innerJoin('refund', 'refund.id', 'refund_line.refund_id')
    .select([
      'refund_line.refund_id as refundId',
      'refund_line.order_line_id as orderLineId',
      'refund_line.amount_minor as amountMinor',
      'refund_line.quantity',
      'refund_line.keeps_access as keepsAccess',
    ])
    .where('order_line.order_id', '=', orderId)
    .orderBy('refund.created_at')
    .orderBy('refund.id')
    .orderBy('order_line.position')
    .limit(1_000)
    .execute()
}

export async function insertLineRefunds(
  tx: Tx,
  refundId: string,
  parts: readonly LineRefund[],
): Promise<void> {
  await tx
    .insertInto('refund_line')
    .values(
      parts.map((part) => ({
        refund_id: refundId,
        order_line_id: part.orderLineId,
        amount_minor: part.amountMinor,
        quantity: part.quantity,
        keeps_access: part.keepsAccess,
      })),
    )
    .execute()
}

/** The order now belongs to somebody else. */
export async function moveOrder(
  tx: Tx,
  orderId: string,
  to: { readonly customerId: string; readonly email: string },
): Promise<void> {
  await tx
    .updateTable('shop_order')
    .set((own) => ({
      customer_id: to.customerId,
      email: to.email,
      link_version: own('link_version', '+', 1),
    }))
    .where('id', '=', orderId)
    .execute()
}

export async function lockOrder(tx: Tx, id: string): Promise<OrderWithLines | undefined> {
  return withLines(
    tx,
    await tx
      .selectFrom('shop_order')
      .select(columns)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst(),
  )
}

export async function setOrderDisputes(
  tx: Tx,
  orderId: string,
  disputes: { readonly isDisputed: boolean; readonly isDisputeLost: boolean },
): Promise<void> {
  await tx
    .updateTable('shop_order')
    .set({ is_disputed: disputes.isDisputed, is_dispute_lost: disputes.isDisputeLost })
    .where('id', '=', orderId)
    .execute()
}

export interface OrderFilter {
  /** An order number, or the beginning of an address. */
  readonly search: string | undefined
  readonly state: 'paid' | 'refunded' | 'disputed' | undefined
}

/** Orders for the owner, nearest to the mark first. */
export async function orderPage(
  db: Db,
  filter: OrderFilter,
  reach: Reach,
): Promise<OrderWithLines[]> {
  let query = orders(db, reach)
  if (filter.search) {
    const number = /^#?(\d{1,15})$/.exec(filter.search)?.[1]
    query =
      number === undefined
        ? query.where('email', 'like', `${escapeLike(filter.search.toLowerCase())}%`)
        : query.where('number', '=', Number(number))
  }
  if (filter.state === 'disputed')
    query = query.where(sql<boolean>`(is_disputed or is_dispute_lost)`)
  if (filter.state === 'refunded') query = query.where('refunded_minor', '>', 0)
  if (filter.state === 'paid')
    query = query.where(
      sql<boolean>`refunded_minor = 0 and not is_disputed and not is_dispute_lost`,
    )
  return allWithLines(db, await query.execute())
}

/** Orders of customers, nearest to the mark first. */
export async function ordersOfCustomers(
  db: Db,
  customerIds: readonly string[],
  reach: Reach,
): Promise<OrderWithLines[]> {
  if (customerIds.length === 0) return []
  return allWithLines(db, await orders(db, reach).where('customer_id', 'in', customerIds).execute())
}

/** Newest first, or upwards from the mark. */
function orders(db: Db, reach: Reach) {
  return db
    .selectFrom('shop_order')
    .select(columns)
    .$call(reaching(reach, { table: 'shop_order', at: 'placed_at' }))
}

async function allWithLines(db: Db, rows: readonly Row[]): Promise<OrderWithLines[]> {
  const lines = await linesOfOrders(
    db,
    rows.map((row) => row.id),
  )
  return rows.map((row) => ({ ...fromRow(row), lines: lines.get(row.id) ?? [] }))
}

/**
 * The newest order, placed before this one by one of the customers, that has one of the products and was not given back:
 * what makes this order look like bought twice.
 */
export async function findEarlierOrder(
  db: Db,
  order: OrderWithLines,
  customerIds: readonly string[],
): Promise<OrderWithLines | undefined> {
  if (customerIds.length === 0 || order.lines.length === 0) return undefined
  const row = await db
    .selectFrom('shop_order')
    .select(columns)
    .where('customer_id', 'in', customerIds)
    .where('shop_order.id', '<>', order.id)
    .where('number', '<', order.number)
    .where(sql<boolean>`refunded_minor < total_minor and not is_dispute_lost`)
    .where((where) =>
      where.exists(
        where
          .selectFrom('order_line')
          .select('order_line.id')
          .whereRef('order_line.order_id', '=', 'shop_order.id')
          .where(
            'order_line.product_id',
            'in',
            order.lines.map((line) => line.productId),
          ),
      ),
    )
    .orderBy('placed_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return withLines(db, row)
}

/** The orders that these lines belong to: line id -> order id. */
export async function ordersOfLines(
  db: Db,
  lineIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (lineIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('order_line')
    .select(['id', 'order_id'])
    .where('id', 'in', lineIds)
    .execute()
  return new Map(rows.map((row) => [row.id, row.order_id]))
}

/** The orders that these checkouts became: checkout id -> order; those that were not paid are left out. */
export async function ordersOfCheckouts(
  db: Db,
  checkoutIds: readonly string[],
): Promise<
  ReadonlyMap<string, { readonly id: string; readonly number: number; readonly email: string }>
> {
  if (checkoutIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('shop_order')
    .select(['checkout_id', 'id', 'number', 'email'])
    .where('checkout_id', 'in', checkoutIds)
    .execute()
  return new Map(rows.map(({ checkout_id, ...order }) => [checkout_id, order]))
}

/** How many people bought a product, alone, in a bundle or as one, and did not get all their money back. */
export async function countBuyers(db: Db, productId: string): Promise<number> {
  const { count } = await db
    .selectFrom('order_line')
    .innerJoin('shop_order', 'shop_order.id', 'order_line.order_id')
    .select(sql<number>`count(distinct shop_order.customer_id)::int`.as('count'))
    .where((where) =>
      where.or([
        where('order_line.product_id', '=', productId),
        where('order_line.bundle_id', '=', productId),
      ]),
    )
    .where((where) =>
      where.or([
        where('order_line.refunded_minor', '<', where.ref('order_line.total_minor')),
        where('order_line.total_minor', '=', 0),
      ]),
    )
    .executeTakeFirstOrThrow()
  return count
}

/** How often each of these customers bought, and for how much, by currency. */
export async function spendingOf(
  db: Db,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, { orders: number; keptMinor: number; currency: string }>> {
  if (customerIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('shop_order')
    .select((select) => [
      'customer_id',
      'currency',
      select.fn.countAll<number>().as('orders'),
      sql<number>`coalesce(sum(total_minor - refunded_minor) filter (where not is_dispute_lost), 0)::int8`.as(
        'kept',
      ),
    ])
    .where('customer_id', 'in', customerIds)
    .groupBy(['customer_id', 'currency'])
    .execute()
  return new Map(
    rows.map((row) => [
      row.customer_id,
      { orders: row.orders, keptMinor: row.kept, currency: row.currency },
    ]),
  )
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`)
}
