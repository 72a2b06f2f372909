import { expect, test } from 'vitest'
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
