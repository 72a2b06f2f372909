import { expect, test } from 'vitest'
import { boughtTitles } from './bought-titles.ts'
import { receiptRows } from './receipt-rows.ts'
import type { OrderLine } from './types.ts'

const line = (title: string, minor: number, basisPoints?: number, quantity = 1): OrderLine => ({
  id: title,
  productId: title,
  kind: 'download',
  title,
  quantity,
  unitMinor: minor / quantity,
  discountMinor: 0,
  totalMinor: minor,
  bundle: undefined,
  refundedMinor: 0,
  refundedQuantity: 0,
  tax: basisPoints === undefined ? undefined : { basisPoints, label: 'VAT', minor: 100 },
})

test('a receipt lists each line, the total, and each kind of tax once', () => {
  const rows = receiptRows({
    currency: 'EUR',
    totalMinor: 123_450,
    discountMinor: 0,
    couponCode: undefined,
    lines: [
      line('Field Notes', 1200, 1900),
      line('Grid', 2400, 1900, 2),
      line('Book', 119_850, 550),
    ],
  })
  expect(rows.map((row) => `${row.label}: ${row.value}`)).toEqual([
    'Field Notes: €12.00',
    '2 × Grid: €24.00',
    'Book: €1,198.50',
    'Total: €1,234.50',
    'of which VAT 19 %: €2.00',
    'of which VAT 5.5 %: €1.00',
  ])
  expect(rows.filter((row) => row.strong).map((row) => row.label)).toEqual(['Total'])
})

test('amounts are written as the shop’s place does', () => {
  const [row] = receiptRows(
    {
      currency: 'EUR',
      totalMinor: 123_450,
      discountMinor: 0,
      couponCode: undefined,
      lines: [line('Buch', 123_450)],
    },
    'de',
  )
  expect(row?.value).toBe('1.234,50\u00a0€')
})

test('a bundle stands as one thing with what it held, and a discount on a line of its own', () => {
  const part = (title: string, totalMinor: number, discountMinor: number): OrderLine => ({
    ...line(title, totalMinor),
    unitMinor: totalMinor + discountMinor,
    discountMinor,
    bundle: { productId: 'desk', title: 'The Desk Set', at: 0 },
  })
  const order = {
    currency: 'EUR',
    totalMinor: 2340,
    discountMinor: 260,
    couponCode: 'WELCOME',
    lines: [
      part('Planner', 1320, 147),
      part('Tidemarks', 660, 73),
      { ...line('Brief', 360), unitMinor: 400, discountMinor: 40 },
    ],
  }
  expect(receiptRows(order).map((row) => `${row.label} ${row.value}`)).toEqual([
    'The Desk Set: Planner, Tidemarks €22.00',
    'Brief €4.00',
    'WELCOME −€2.60',
    'Total €23.40',
  ])
  expect(boughtTitles(order.lines)).toEqual(['The Desk Set', 'Brief'])
})
