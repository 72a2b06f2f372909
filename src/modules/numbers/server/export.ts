import { moneyToInput } from '#modules/platform/money.ts'
import type { Db } from '#modules/platform/server/index.ts'
import { byteOrderMark, csvFigure, csvLine, type Cell } from '../csv.ts'
import { netMinor } from '../sums.ts'
import type { MembershipFigures } from '../types.ts'
import { figuresOf } from './figures.ts'
import { membershipFiguresOf } from './memberships.ts'
import { lineRows, orderRows, refundRows, type Asked } from './store.ts'
import { changeRows } from './store.memberships.ts'

/** Of memberships; their amounts are of a month, but for what was paid and what went back. */
export const membershipTables = ['membership-days', 'plans', 'changes'] as const
export type MembershipTable = (typeof membershipTables)[number]

/** What can be exported, as it stands in the address. */
export const tables = [
  'orders',
  'lines',
  'refunds',
  'days',
  'products',
  'coupons',
  'countries',
  ...membershipTables,
] as const
export type Table = (typeof tables)[number]

export function isTable(text: string): text is Table {
  return (tables as readonly string[]).includes(text)
}

export function isMembershipTable(table: Table): table is MembershipTable {
  return (membershipTables as readonly string[]).includes(table)
}

const rowsAtOnce = 1_000

/** A table as CSV, piece by piece. currency: what the shop sells in, of memberships the one to add up. today: the owner's day. */
export async function* exportTable(
  db: Db,
  table: Table,
  asked: Asked,
  today: string,
  currency: string,
): AsyncGenerator<string> {
  yield byteOrderMark
  const money = (minor: number, of = currency): Cell =>
    csvFigure(moneyToInput({ minor, currency: of }))
  const at = `(${asked.zone})`
  switch (table) {
    case 'orders':
      yield csvLine([
        'order',
        `placed ${at}`,
        'e-mail',
        'name',
        'country',
        'currency',
        'gross',
        'discount',
        'paid',
        'tax in it',
        'returned so far',
        'coupon',
        'state',
        'money',
      ])
      yield* pages(
        (after) => orderRows(db, asked, after, rowsAtOnce),
        (rows) =>
          rows.map((row) => [
            row.number,
            row.at,
            row.email,
            row.buyerName,
            row.country,
            row.currency,
            money(row.grossMinor, row.currency),
            money(row.discountMinor, row.currency),
            money(row.totalMinor, row.currency),
            money(row.taxMinor, row.currency),
            money(row.refundedMinor, row.currency),
            row.couponCode,
            row.state,
            row.mode,
          ]),
      )
      return
    case 'lines':
      yield csvLine([
        'order',
        `placed ${at}`,
        'product',
        'kind',
        'bundle',
        'quantity',
        'currency',
        'each',
        'discount',
        'paid',
        'tax',
        'tax in it',
        'returned so far',
        'number returned',
      ])
      yield* pages(
        (after) => orderRows(db, asked, after, rowsAtOnce),
        async (rows) => {
          const lines = Map.groupBy(
            await lineRows(
              db,
              rows.map((row) => row.id),
            ),
            (line) => line.orderId,
          )
          return rows.flatMap((row) =>
            (lines.get(row.id) ?? []).map((line) => [
              row.number,
              row.at,
              line.title,
              line.kind,
              line.bundleTitle,
              line.quantity,
              row.currency,
              money(line.unitMinor, row.currency),
              money(line.discountMinor, row.currency),
              money(line.totalMinor, row.currency),
              line.taxLabel,
              money(line.taxMinor, row.currency),
              money(line.refundedMinor, row.currency),
              line.refundedQuantity,
            ]),
          )
        },
      )
      return
    case 'refunds':
      yield csvLine([
        'order',
        `returned ${at}`,
        'e-mail',
        'currency',
        'amount',
        'state',
        'reason',
        'money',
      ])
      yield* pages(
        (after) => refundRows(db, asked, after, rowsAtOnce),
        (rows) =>
          rows.map((row) => [
            row.number,
            row.at,
            row.email,
            row.currency,
            money(row.amountMinor, row.currency),
            row.state,
            row.reason,
            row.mode,
          ]),
      )
      return
    case 'days':
    case 'products':
    case 'coupons':
    case 'countries':
      yield* figureLines(table, await figuresOf(db, asked, today), at, currency, money)
      return
    case 'membership-days':
    case 'plans':
      yield* membershipLines(
        table,
        await membershipFiguresOf(db, { ...asked, currency }),
        at,
        money,
      )
      return
    case 'changes':
      yield csvLine([
        `changed ${at}`,
        'e-mail',
        'plan',
        'what',
        'then',
        'cause',
        `a month ${currency}`,
        'committed',
      ])
      yield* pages(
        (after) => changeRows(db, { ...asked, currency }, after, rowsAtOnce),
        (rows) =>
          rows.map((row) => [
            row.at,
            row.email,
            row.plan,
            row.what,
            row.standing,
            row.cause,
            money(row.revenueMinor),
            money(row.committedMinor),
          ]),
      )
  }
}

function* figureLines(
  table: 'days' | 'products' | 'coupons' | 'countries',
  figures: Awaited<ReturnType<typeof figuresOf>>,
  at: string,
  currency: string,
  money: (minor: number) => Cell,
): Generator<string> {
  switch (table) {
    case 'days':
      yield csvLine([
        `day ${at}`,
        'orders',
        `gross ${currency}`,
        'discounts',
        'returned',
        'lost in dispute',
        'net',
        'tax in sales',
      ])
      for (const day of figures.days)
        yield csvLine([
          day.day,
          day.orders,
          money(day.grossMinor),
          money(day.discountMinor),
          money(day.refundedMinor),
          money(day.lostMinor),
          money(netMinor(day)),
          money(day.taxMinor),
        ])
      return
    case 'products':
      yield csvLine([
        'product',
        'id',
        'bundle',
        'sold alone',
        `paid alone ${currency}`,
        'sold in bundles',
        'share of bundles',
      ])
      for (const one of figures.products)
        yield csvLine([
          one.title,
          one.productId,
          one.isBundle ? 'yes' : 'no',
          one.alone,
          money(one.aloneMinor),
          one.inBundles,
          money(one.inBundlesMinor),
        ])
      return
    case 'coupons':
      yield csvLine(['coupon', 'orders', `taken off ${currency}`, 'paid'])
      for (const one of figures.coupons)
        yield csvLine([one.code, one.orders, money(one.discountMinor), money(one.paidMinor)])
      return
    case 'countries':
      yield csvLine(['country', 'orders', `paid ${currency}`])
      for (const one of figures.countries)
        yield csvLine([one.country, one.orders, money(one.paidMinor)])
  }
}

function* membershipLines(
  table: 'membership-days' | 'plans',
  figures: MembershipFigures,
  at: string,
  money: (minor: number) => Cell,
): Generator<string> {
  if (table === 'plans') {
    yield csvLine([
      'plan',
      'id',
      'offered',
      'paying',
      'in a trial',
      'owing',
      'to end',
      `a month ${figures.currency}`,
      'committed',
      'owed a month',
      'new in the period',
      'ended in the period',
    ])
    for (const one of figures.plans)
      yield csvLine([
        one.title,
        one.planId,
        one.isEnabled ? 'yes' : 'no',
        one.paying,
        one.trials,
        one.owing,
        one.ending,
        money(one.monthlyMinor),
        money(one.committedMinor),
        money(one.owingMinor),
        one.begun,
        one.ended,
      ])
    return
  }
  yield csvLine([
    `day ${at}`,
    `a month ${figures.currency}`,
    'committed',
    'paying',
    'in a trial',
    'owing',
    'new',
    'ended',
    'trials begun',
    'trials lost',
    'by new',
    'by coming back',
    'by going up',
    'by going down',
    'by owing',
    'by pausing',
    'by ending',
    'paid',
    'refunded',
    'lost in disputes',
  ])
  for (const day of figures.days)
    yield csvLine([
      day.day,
      money(day.monthlyMinor),
      money(day.committedMinor),
      day.paying,
      day.trials,
      day.owing,
      day.begun,
      day.ended,
      day.trialsBegun,
      day.trialsLost,
      money(day.begunMinor),
      money(day.backMinor),
      money(day.upMinor),
      money(day.downMinor),
      money(day.owingMinor),
      money(day.pausedMinor),
      money(day.endedMinor),
      money(day.paidMinor),
      money(day.refundedMinor),
      money(day.lostMinor),
    ])
}

/** Page after page, each written out before the next is read. */
async function* pages<Row extends { readonly id: string }>(
  read: (after: string | undefined) => Promise<readonly Row[]>,
  cells: (rows: readonly Row[]) => (readonly Cell[])[] | Promise<(readonly Cell[])[]>,
): AsyncGenerator<string> {
  for (let after: string | undefined; ;) {
    const rows = await read(after)
    if (rows.length > 0) yield (await cells(rows)).map(csvLine).join('')
    after = rows.at(-1)?.id
    if (rows.length < rowsAtOnce) return
  }
}
