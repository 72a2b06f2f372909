import { sql } from 'kysely'
import type { Db } from '#modules/platform/server/index.ts'
import type {
  CountryFigures,
  CouponFigures,
  DayFigures,
  MoneyKind,
  Period,
  ProductFigures,
} from '../types.ts'

export const modes = { real: ['live'], play: ['rehearsal', 'test'] } as const

/** A refund's money counts as gone from the moment Stripe took it. */
export const counting = ['pending', 'requires_action', 'succeeded']

export interface Asked extends Period {
  readonly zone: string
  readonly money: MoneyKind
}

/** Midnight at the beginning of a day, as an instant: clocks may change on it. */
export const startsAt = (day: string, zone: string) =>
  sql`(${day}::date::timestamp at time zone ${zone})`
export const endsAt = (day: string, zone: string) =>
  sql`((${day}::date + 1)::timestamp at time zone ${zone})`
const placedIn = (asked: Asked) => sql`
  o.placed_at >= ${startsAt(asked.from, asked.zone)} and o.placed_at < ${endsAt(asked.to, asked.zone)}
  and o.mode = any(${modes[asked.money]}::text[])`

export async function numbersVersion(db: Db): Promise<number> {
  const row = await db.selectFrom('numbers_version').select('version').executeTakeFirstOrThrow()
  return row.version
}

/** Which kinds of money were ever taken. */
export async function kindsOfMoney(db: Db): Promise<ReadonlySet<MoneyKind>> {
  const { rows } = await sql<{ real: boolean; play: boolean }>`
    select exists (select from shop_order where mode = 'live') as real,
      exists (select from shop_order where mode <> 'live') as play
  `.execute(db)
  const kinds = new Set<MoneyKind>()
  if (rows[0]?.real) kinds.add('real')
  if (rows[0]?.play) kinds.add('play')
  return kinds
}

/** One row for each day, also where nothing happened. */
export async function dayFigures(db: Db, asked: Asked): Promise<DayFigures[]> {
  const { rows } = await sql<DayFigures>`
    with days as (
      select day::date as day, day::date::timestamp at time zone ${asked.zone} as starts,
        (day::date + 1)::timestamp at time zone ${asked.zone} as ends
      from generate_series(${asked.from}::date::timestamp, ${asked.to}::date::timestamp, interval '1 day') day
    )
    select to_char(days.day, 'YYYY-MM-DD') as day, sold.orders, sold."grossMinor", sold."discountMinor", sold."taxMinor",
      returned."refundedMinor", lost."lostMinor"
    from days
    cross join lateral (
      select count(*) as orders, coalesce(sum(total_minor + discount_minor), 0)::int8 as "grossMinor",
        coalesce(sum(discount_minor), 0)::int8 as "discountMinor", coalesce(sum(tax_minor), 0)::int8 as "taxMinor"
      from shop_order where placed_at >= days.starts and placed_at < days.ends and mode = any(${modes[asked.money]}::text[])
    ) sold
    cross join lateral (
      select coalesce(sum(refund.amount_minor), 0)::int8 as "refundedMinor"
      from refund join stripe_backend on stripe_backend.id = refund.backend_id
      where refund.created_at >= days.starts and refund.created_at < days.ends
        and refund.state = any(${counting}::text[]) and stripe_backend.mode = any(${modes[asked.money]}::text[])
    ) returned
    cross join lateral (
      select coalesce(sum(least(dispute.amount_minor, payment.amount_minor - payment.refunded_minor)), 0)::int8 as "lostMinor"
      from dispute join payment on payment.id = dispute.payment_id
      join stripe_backend on stripe_backend.id = dispute.backend_id
      where dispute.state = 'lost' and dispute.lost_at >= days.starts and dispute.lost_at < days.ends
        and stripe_backend.mode = any(${modes[asked.money]}::text[])
    ) lost
    order by days.day
  `.execute(db)
  return rows
}

/** Who bought for the first time. */
export async function newCustomersIn(db: Db, asked: Asked): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(distinct o.customer_id) as count from shop_order o
    where ${placedIn(asked)} and not exists (
      select from shop_order earlier where earlier.customer_id = o.customer_id
        and earlier.placed_at < ${startsAt(asked.from, asked.zone)} and earlier.mode = any(${modes[asked.money]}::text[]))
  `.execute(db)
  return rows[0]?.count ?? 0
}

/** What was sold of each product, and of each bundle as such. */
export async function productFigures(
  db: Db,
  asked: Asked,
): Promise<Omit<ProductFigures, 'title'>[]> {
  const { rows } = await sql<Omit<ProductFigures, 'title'>>`
    with sold as (
      select l.product_id, l.bundle_id, l.bundle_at, l.order_id, l.quantity, l.total_minor
      from shop_order o join order_line l on l.order_id = o.id where ${placedIn(asked)}
    )
    select product_id as "productId", false as "isBundle",
      coalesce(sum(quantity) filter (where bundle_id is null), 0)::int8 as alone,
      coalesce(sum(total_minor) filter (where bundle_id is null), 0)::int8 as "aloneMinor",
      coalesce(sum(quantity) filter (where bundle_id is not null), 0)::int8 as "inBundles",
      coalesce(sum(total_minor) filter (where bundle_id is not null), 0)::int8 as "inBundlesMinor"
    from sold group by product_id
    union all
    select bundle_id, true, sum(quantity)::int8, sum(minor)::int8, 0, 0
    from (
      select bundle_id, order_id, bundle_at, max(quantity) as quantity, sum(total_minor) as minor
      from sold where bundle_id is not null group by bundle_id, order_id, bundle_at
    ) bundles group by bundle_id
  `.execute(db)
  return rows
}

export async function titlesOf(
  db: Db,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (productIds.length === 0) return new Map()
  const { rows } = await sql<{ id: string; title: string }>`
    select id, title from product where id = any(${productIds}::uuid[])
  `.execute(db)
  return new Map(rows.map((row) => [row.id, row.title]))
}

export async function couponFigures(db: Db, asked: Asked): Promise<CouponFigures[]> {
  const { rows } = await sql<CouponFigures>`
    select coupon_code as code, count(*) as orders, sum(discount_minor)::int8 as "discountMinor", sum(total_minor)::int8 as "paidMinor"
    from shop_order o where ${placedIn(asked)} and coupon_code is not null group by coupon_code
  `.execute(db)
  return rows
}

export async function countryFigures(db: Db, asked: Asked): Promise<CountryFigures[]> {
  const { rows } = await sql<CountryFigures>`
    select coalesce(country, '') as country, count(*) as orders, sum(total_minor)::int8 as "paidMinor"
    from shop_order o where ${placedIn(asked)} group by coalesce(country, '')
  `.execute(db)
  return rows
}

// ---- exports: so many rows after a mark, oldest first ----

export interface OrderRow {
  readonly id: string
  readonly number: number
  readonly at: string
  readonly email: string
  readonly buyerName: string | null
  readonly country: string | null
  readonly currency: string
  readonly grossMinor: number
  readonly discountMinor: number
  readonly totalMinor: number
  readonly taxMinor: number
  readonly refundedMinor: number
  readonly couponCode: string | null
  readonly state: string
  readonly mode: string
}

export const written = (column: string, zone: string) =>
  sql`to_char(${sql.ref(column)} at time zone ${zone}, 'YYYY-MM-DD HH24:MI:SS')`

export async function orderRows(
  db: Db,
  asked: Asked,
  after: string | undefined,
  most: number,
): Promise<OrderRow[]> {
  const { rows } = await sql<OrderRow>`
    select o.id, o.number, ${written('o.placed_at', asked.zone)} as at, o.email, o.buyer_name as "buyerName", o.country,
      o.currency, o.total_minor + o.discount_minor as "grossMinor", o.discount_minor as "discountMinor",
      o.total_minor as "totalMinor", o.tax_minor as "taxMinor", o.refunded_minor as "refundedMinor", o.coupon_code as "couponCode",
      case when o.is_dispute_lost then 'lost in dispute' when o.is_disputed then 'disputed'
        when o.total_minor > 0 and o.refunded_minor >= o.total_minor then 'refunded'
        when o.refunded_minor > 0 then 'partly refunded' else 'paid' end as state, o.mode
    from shop_order o
    where ${placedIn(asked)} ${
      after === undefined
        ? sql``
        : sql`and (o.placed_at, o.id) > (select mark.placed_at, mark.id from shop_order mark where mark.id = ${after}::uuid)`
    }
    order by o.placed_at, o.id limit ${most}
  `.execute(db)
  return rows
}

export interface LineRow {
  readonly orderId: string
  readonly title: string
  readonly kind: string
  readonly quantity: number
  readonly unitMinor: number
  readonly discountMinor: number
  readonly totalMinor: number
  readonly taxLabel: string | null
  readonly taxMinor: number
  readonly bundleTitle: string | null
  readonly refundedMinor: number
  readonly refundedQuantity: number
}

export async function lineRows(db: Db, orderIds: readonly string[]): Promise<LineRow[]> {
  const { rows } = await sql<LineRow>`
    select order_id as "orderId", title, kind, quantity, unit_minor as "unitMinor", discount_minor as "discountMinor",
      total_minor as "totalMinor", tax_label as "taxLabel", tax_minor as "taxMinor", bundle_title as "bundleTitle",
      refunded_minor as "refundedMinor", refunded_quantity as "refundedQuantity"
    from order_line where order_id = any(${orderIds}::uuid[]) order by order_id, position
  `.execute(db)
  return rows
}

export interface RefundRow {
  readonly id: string
  readonly at: string
  readonly number: number
  readonly email: string
  readonly currency: string
  readonly amountMinor: number
  readonly state: string
  readonly reason: string
  readonly mode: string
}

/** Refunds whose money counts as gone. */
export async function refundRows(
  db: Db,
  asked: Asked,
  after: string | undefined,
  most: number,
): Promise<RefundRow[]> {
  const { rows } = await sql<RefundRow>`
    select r.id, ${written('r.created_at', asked.zone)} as at, o.number, o.email, r.currency, r.amount_minor as "amountMinor",
      r.state, r.reason, b.mode
    from refund r join payment p on p.id = r.payment_id join shop_order o on o.checkout_id = p.checkout_id
    join stripe_backend b on b.id = r.backend_id
    where r.created_at >= ${startsAt(asked.from, asked.zone)} and r.created_at < ${endsAt(asked.to, asked.zone)}
      and r.state = any(${counting}::text[]) and b.mode = any(${modes[asked.money]}::text[])
      ${
        after === undefined
          ? sql``
          : sql`and (r.created_at, r.id) > (select mark.created_at, mark.id from refund mark where mark.id = ${after}::uuid)`
      }
    order by r.created_at, r.id limit ${most}
  `.execute(db)
  return rows
}
