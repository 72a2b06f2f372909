import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chargeProblem } from '#modules/catalog/price-rules.ts'
import type { Offer } from '#modules/catalog/types.ts'
import type { Coupon } from '#modules/coupons/types.ts'
import { newId } from '#modules/platform/ids.ts'
import { quoteOf, type Range } from './quote.ts'

const at = new Date('2026-11-22T12:00:00Z')
const offer = (
  minor: number,
  more: Partial<Offer> = {},
  price: Partial<Offer['price']> = {},
): Offer => {
  const productId = more.productId ?? newId()
  return {
    productId,
    slug: 'p',
    kind: 'download',
    title: `Thing of ${minor}`,
    summary: '',
    mostPerOrder: 1,
    questions: [],
    price: {
      id: newId(),
      minor,
      currency: 'EUR',
      isOpen: false,
      suggestedMinor: undefined,
      ...price,
    },
    ...more,
  }
}
const coupon = (more: Partial<Coupon> = {}): Coupon => ({
  id: newId(),
  code: 'SPRING',
  note: '',
  uses: 0,
  reduction: { basisPoints: 2500 },
  productIds: undefined,
  minimumMinor: 0,
  startsAt: undefined,
  endsAt: undefined,
  isActive: true,
  mostUses: undefined,
  mostUsesPerCustomer: undefined,
  createdAt: at,
  ...more,
})
const range = (offers: readonly Offer[], parts: Range['parts'] = new Map()): Range => ({
  offers: new Map(offers.map((one) => [one.productId, one])),
  parts,
  currency: 'EUR',
})
const cart = (offers: readonly Offer[], code?: string, quantity = 1) => ({
  entries: offers.map((one) => ({ productId: one.productId, quantity, chosenMinor: undefined })),
  code,
})

test('three things and a quarter off: each line carries its share, and they add up', () => {
  const things = [offer(1000), offer(1999), offer(33)]
  const quote = quoteOf(cart(things, 'SPRING'), range(things), coupon(), at)
  expect([quote.fullMinor, quote.discountMinor, quote.totalMinor]).toEqual([3032, 758, 2274])
  expect(quote.lines.map((line) => line.discountMinor)).toEqual([250, 500, 8])
})

test('what cannot be bought any more is told and costs nothing', () => {
  const [here, gone] = [offer(1000), offer(500)]
  const quote = quoteOf(cart([here, gone]), range([here]), undefined, at)
  expect(quote.goneIds).toEqual([gone.productId])
  expect(quote.totalMinor).toBe(1000)
})

test('a bundle stands as one thing in the cart and as its parts in the checkout, by what they cost alone', () => {
  const bundle = offer(1500, { kind: 'bundle', title: 'Both' })
  const parts = [
    { productId: newId(), kind: 'download', title: 'Big', priceMinor: 2000 },
    { productId: newId(), kind: 'download', title: 'Small', priceMinor: 1000 },
  ]
  const quote = quoteOf(
    cart([bundle]),
    range([bundle], new Map([[bundle.productId, parts]])),
    undefined,
    at,
  )
  expect(quote.lines.map((line) => [line.offer.title, line.fullMinor, line.parts])).toEqual([
    ['Both', 1500, ['Big', 'Small']],
  ])
  expect(
    quote.checkoutLines.map((line) => [
      line.title,
      line.unitMinor,
      line.priceId,
      line.bundle?.title,
    ]),
  ).toEqual([
    ['Big', 1000, bundle.price.id, 'Both'],
    ['Small', 500, bundle.price.id, 'Both'],
  ])
})

test('an open price is what the buyer chose, never less than the least, and the suggestion where they chose nothing [commerce 31]', () => {
  const open = offer(500, {}, { isOpen: true, suggestedMinor: 1200 })
  const paying = (chosenMinor: number | undefined) =>
    quoteOf(
      { entries: [{ productId: open.productId, quantity: 1, chosenMinor }], code: undefined },
      range([open]),
      undefined,
      at,
    ).totalMinor
  expect([paying(undefined), paying(900), paying(499), paying(0)]).toEqual([1200, 900, 500, 500])
})

test('a rest that no card can be charged is given away, and a price in steps stays in steps', () => {
  const thing = offer(1000)
  const almost = coupon({ reduction: { amountMinor: 970, currency: 'EUR' } })
  const quote = quoteOf(cart([thing], 'SPRING'), range([thing]), almost, at)
  expect([quote.discountMinor, quote.totalMinor]).toEqual([1000, 0])
  const krona = offer(100_000, {}, { currency: 'ISK' })
  const third = quoteOf(
    cart([krona], 'SPRING'),
    { ...range([krona]), currency: 'ISK' },
    coupon({ reduction: { basisPoints: 3333 } }),
    at,
  )
  expect([third.discountMinor, third.totalMinor]).toEqual([33_400, 66_600])
})

test('whatever is in the cart and whatever the coupon: nothing is negative, lines add up, and the rest can be paid [commerce 30]', () => {
  const price = fc.integer({ min: 50, max: 500_000 })
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          minor: price,
          quantity: fc.integer({ min: 1, max: 9 }),
          parts: fc.array(fc.nat(5000), { maxLength: 4 }),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      fc.oneof(
        fc.record({ basisPoints: fc.integer({ min: 1, max: 10_000 }) }),
        fc.record({
          amountMinor: fc.integer({ min: 1, max: 2_000_000 }),
          currency: fc.constant('EUR'),
        }),
      ),
      fc.option(fc.nat(7), { nil: undefined }),
      (things, reduction, only) => {
        const offers = things.map((thing) =>
          offer(thing.minor, {
            mostPerOrder: 9,
            kind: thing.parts.length > 0 ? 'bundle' : 'download',
          }),
        )
        const parts = new Map(
          things.flatMap((thing, index) =>
            thing.parts.length > 0
              ? [
                  [
                    offers[index]?.productId ?? '',
                    thing.parts.map((priceMinor) => ({
                      productId: newId(),
                      kind: 'download',
                      title: 'Part',
                      priceMinor,
                    })),
                  ] as const,
                ]
              : [],
          ),
        )
        const covered =
          only === undefined ? undefined : [offers[only % offers.length]?.productId ?? '']
        const quote = quoteOf(
          {
            entries: offers.map((one, index) => ({
              productId: one.productId,
              quantity: things[index]?.quantity ?? 1,
              chosenMinor: undefined,
            })),
            code: 'SPRING',
          },
          range(offers, parts),
          coupon({ reduction, productIds: covered }),
          at,
        )
        const lines = quote.checkoutLines
        for (const line of lines) {
          expect(line.unitMinor).toBeGreaterThanOrEqual(0)
          expect(line.discountMinor).toBeGreaterThanOrEqual(0)
          expect(line.discountMinor).toBeLessThanOrEqual(line.unitMinor * line.quantity)
        }
        const total = lines.reduce(
          (all, line) => all + line.unitMinor * line.quantity - line.discountMinor,
          0,
        )
        expect(total).toBe(quote.totalMinor)
        expect(quote.fullMinor - quote.discountMinor).toBe(quote.totalMinor)
        expect(quote.lines.reduce((all, line) => all + line.fullMinor, 0)).toBe(quote.fullMinor)
        expect(chargeProblem(quote.totalMinor, 'EUR')).toBeUndefined()
      },
    ),
  )
})
