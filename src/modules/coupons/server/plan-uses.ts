import { mailboxOf } from '#modules/platform/email-address.ts'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { Coupon, CouponRefusal } from '../types.ts'
import { mostHeld } from '../held-uses.ts'
import { lockCoupon } from './store.ts'
import { insertPlanUse, planUsesHeldBy, planUsesOf } from './store.plan-uses.ts'

/** Why a coupon that is for a plan cannot be used by this person right now; undefined: it can. Nothing is held. */
export async function planCodeRefusal(
  db: Db,
  coupon: Coupon,
  email: string | undefined,
): Promise<CouponRefusal | undefined> {
  const most = coupon.mostUsesPerCustomer
  // What this person holds for a checkout that is still open is theirs to use.
  const own =
    email === undefined ? { used: 0, held: 0 } : await planUsesOf(db, coupon.id, mailboxOf(email))
  if (most !== undefined && own.used >= most) return { reason: 'once_per_customer', most }
  if (coupon.mostUses !== undefined && coupon.uses - own.held >= coupon.mostUses)
    return { reason: 'used_up' }
  return undefined
}

/**
 * Holds a use for a checkout until it has begun a subscription or is closed; what becomes of it then follows the checkout by itself.
 * Takes the coupon's row first: of many who want the last use one gets it, and the others are told before they pay.
 */
export async function holdPlanUse(
  tx: Tx,
  wanted: {
    readonly checkoutId: string
    readonly couponId: string
    readonly email: string
    /** Where it is used from. */
    readonly network: string
  },
): Promise<{ readonly ok: true } | { readonly ok: false; readonly refusal: CouponRefusal }> {
  const refuse = (refusal: CouponRefusal) => ({ ok: false, refusal }) as const
  const coupon = await lockCoupon(tx, wanted.couponId)
  if (!coupon) return refuse({ reason: 'unknown' })
  const person = mailboxOf(wanted.email)
  const most = coupon.mostUsesPerCustomer
  if (most !== undefined) {
    const { used, held } = await planUsesOf(tx, coupon.id, person)
    if (used + held >= most) return refuse({ reason: 'once_per_customer', most })
  }
  if (coupon.mostUses !== undefined) {
    if (coupon.uses >= coupon.mostUses) return refuse({ reason: 'used_up' })
    const held = await planUsesHeldBy(tx, coupon.id, wanted.network)
    if (held >= mostHeld(coupon.mostUses - coupon.uses + held))
      return refuse({ reason: 'held_nearby' })
  }
  await insertPlanUse(tx, { ...wanted, person })
  return { ok: true }
}
