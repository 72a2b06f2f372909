import { expect, test } from 'vitest'
import type { CheckoutLine } from '../types.ts'
import { sessionLines } from './session-lines.ts'

const line = (
  title: string,
  unitMinor: number,
  more: Partial<CheckoutLine> = {},
): CheckoutLine => ({
  productId: title,
  priceId: title,
  kind: 'download',
  title,
  quantity: 1,
  unitMinor,
  discountMinor: 0,
  bundle: undefined,
  ...more,
})

test('a bundle is one line of the payment page, with what is in it; everything else is listed as it is', () => {
  const bundle = { productId: 'b', title: 'All of it', at: 1 }
  expect(
    sessionLines([
      line('Notes', 1200, { quantity: 2 }),
      line('Planner', 700, { bundle }),
      line('Sheet', 300, { bundle }),
    ]),
  ).toEqual([
    { title: 'Notes', description: undefined, unitMinor: 1200, quantity: 2 },
    { title: 'All of it', description: 'Planner, Sheet', unitMinor: 1000, quantity: 1 },
  ])
})

test('two of the same bundle bought at two prices stay two lines', () => {
  const of = (at: number) => ({ productId: 'b', title: 'All of it', at })
  expect(
    sessionLines([line('A', 500, { bundle: of(0) }), line('A', 900, { bundle: of(1) })]).map(
      (one) => one.unitMinor,
    ),
  ).toEqual([500, 900])
})
