import type { CouponStanding } from '#modules/coupons/coupon-words.ts'

/** The dot beside a coupon's standing. */
export const couponTones = {
  on: 'good',
  planned: 'warn',
  used_up: 'quiet',
  over: 'quiet',
  off: 'quiet',
} as const satisfies Record<CouponStanding, 'good' | 'warn' | 'bad' | 'quiet'>
