import type { TypedCoupon } from './coupon-form.ts'

/** The coupon of the example shop: ten percent off everything, once for each customer. */
export const exampleCoupon: TypedCoupon = {
  code: 'WELCOME',
  note: 'Example: a welcome to people who join the newsletter.',
  reduction: { basisPoints: 1_000 },
  productIds: undefined,
  minimumMinor: 0,
  startsAt: undefined,
  endsAt: undefined,
  isActive: true,
  mostUses: undefined,
  mostUsesPerCustomer: 1,
}
