import type { OwnerActor } from '#modules/accounts/types.ts'
import { mailboxOf } from '#modules/platform/email-address.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import { audit, overwrites, type Db, type Tx } from '#modules/platform/server/index.ts'
import { durationWords, reductionWords } from '../coupon-words.ts'
import { canonicalCode } from '../discount.ts'
import { mostHeld } from '../held-uses.ts'
import { exampleCoupon } from '../example-coupon.ts'
import type { Coupon, CouponRefusal } from '../types.ts'
import {
  codeIsTaken,
  couponRows,
  couponUseRows,
  deleteUnusedExamples,
  findByCode,
  findById,
  heldBy,
  flagExample,
  insertCoupon,
  insertUse,
  lockCoupon,
  lockUse,
  setActive,
  setUse,
  updateCoupon,
  usesOfPerson,
  wasUsed,
  type CouponRecord,
  type CouponUseRow,
} from './store.ts'

export { usesOf } from './store.ts'
export { holdPlanUse, planCodeRefusal } from './plan-uses.ts'
export { freePlanUse, setPlanUseTaken } from './store.plan-uses.ts'
export {
  couponAtStripe,
  noteCouponGone,
  noteCouponMade,
  storeCouponAtStripe,
  type CouponAtStripe,
} from './store.at-stripe.ts'
export type { CouponRecord, CouponUseRow } from './store.ts'

/** The coupon with a code as somebody typed it; undefined when there is none. */
export async function couponByCode(db: Db, typed: string): Promise<Coupon | undefined> {
  const code = canonicalCode(typed)
  return code === undefined ? undefined : findByCode(db, code)
}

/** One coupon for the owner; undefined for an id that is none. */
export async function couponById(db: Db, id: string): Promise<Coupon | undefined> {
  return isId(id) ? findById(db, id) : undefined
}

/** All coupons for the owner, newest first, 50 a page. */
export async function couponsPage(db: Db, turn: Turn): Promise<ListPage<Coupon>> {
  const from = isId(turn.older ?? turn.newer ?? '') ? turn : {}
  return readPage(from, 50, (reach) => couponRows(db, reach))
}

/** The uses of a coupon for the owner, given-up ones too, newest first, 50 a page. */
export async function couponUses(
  db: Db,
  couponId: string,
  turn: Turn,
): Promise<ListPage<CouponUseRow>> {
  const from = isId(turn.older ?? turn.newer ?? '') ? turn : {}
  return readPage(from, 50, (reach) => couponUseRows(db, couponId, reach))
}

/**
 * Holds a use for a checkout until it is paid or given up. Takes the coupon's row first, so of many who want the last use one
 * gets it and the others are told before they pay. email: canonical; undefined while the buyer need not say.
 */
export async function holdUse(
  tx: Tx,
  wanted: {
    readonly checkoutId: string
    readonly couponId: string
    readonly email: string | undefined
    /** Where it is bought from. */
    readonly network: string
    readonly discountMinor: number
  },
): Promise<{ readonly ok: true } | { readonly ok: false; readonly refusal: CouponRefusal }> {
  const coupon = await lockCoupon(tx, wanted.couponId)
  if (!coupon) return { ok: false, refusal: { reason: 'unknown' } }
  const person = wanted.email === undefined ? undefined : mailboxOf(wanted.email)
  const most = coupon.mostUsesPerCustomer
  if (most !== undefined) {
    if (person === undefined) return { ok: false, refusal: { reason: 'needs_email' } }
    if ((await usesOfPerson(tx, coupon.id, person)) >= most)
      return { ok: false, refusal: { reason: 'once_per_customer', most } }
  }
  if (coupon.mostUses !== undefined && coupon.uses >= coupon.mostUses)
    return { ok: false, refusal: { reason: 'used_up' } }
  if (coupon.mostUses !== undefined) {
    const held = await heldBy(tx, coupon.id, wanted.network)
    if (held >= mostHeld(coupon.mostUses - coupon.uses + held))
      return { ok: false, refusal: { reason: 'held_nearby' } }
  }
  await insertUse(tx, { ...wanted, couponId: coupon.id, person, state: 'held' })
  return { ok: true }
}

/**
 * The checkout was paid: its use is used. One that had been given up meanwhile is kept as late, beyond the limits. A paid
 * discount without a use is from before a database came back from an older copy: it is written down anew.
 */
export async function confirmUse(
  tx: Tx,
  checkout: {
    readonly id: string
    readonly couponCode: string | undefined
    readonly discountMinor: number
  },
  email: string,
): Promise<void> {
  const use = await lockUse(tx, checkout.id)
  if (use?.state === 'held')
    await setUse(tx, checkout.id, { state: 'used', person: use.person ?? mailboxOf(email) })
  else if (use?.state === 'freed') await setUse(tx, checkout.id, { state: 'late' })
  else if (!use && checkout.couponCode !== undefined && checkout.discountMinor > 0) {
    const known = await findByCode(tx, checkout.couponCode)
    const coupon = known && (await lockCoupon(tx, known.id))
    if (!coupon) return
    const person = mailboxOf(email)
    await insertUse(tx, {
      checkoutId: checkout.id,
      couponId: coupon.id,
      person,
      discountMinor: checkout.discountMinor,
      state: (await hasRoomFor(tx, coupon, person)) ? 'used' : 'late',
    })
  }
}

/** Whether the coupon, whose row is locked, may be used once more by this person. */
async function hasRoomFor(tx: Tx, coupon: Coupon, person: string | undefined): Promise<boolean> {
  const most = coupon.mostUsesPerCustomer
  return (
    (coupon.mostUses === undefined || coupon.uses < coupon.mostUses) &&
    (most === undefined ||
      person === undefined ||
      (await usesOfPerson(tx, coupon.id, person)) < most)
  )
}

/** No money came, or all of it went back: somebody else may have the use. */
export async function freeUse(tx: Tx, checkoutId: string): Promise<void> {
  const use = await lockUse(tx, checkoutId)
  if (use && use.state !== 'freed') await setUse(tx, checkoutId, { state: 'freed' })
}

/** The money is here after all (a refund failed): the use counts again if there is still room for it. */
export async function takeUseBack(tx: Tx, checkoutId: string): Promise<void> {
  const use = await lockUse(tx, checkoutId)
  if (use?.state !== 'freed') return
  const coupon = await lockCoupon(tx, use.couponId)
  const hasRoom = coupon !== undefined && (await hasRoomFor(tx, coupon, use.person))
  await setUse(tx, checkoutId, { state: hasRoom ? 'used' : 'late' })
}

export type SaveCouponResult =
  | { readonly ok: true; readonly couponId: string }
  | {
      readonly ok: false
      readonly reason: 'not_found' | 'code_taken' | 'fewer_than_used' | 'changed' | 'other_kind'
    }

/** Makes a coupon. On record. */
export async function createCoupon(
  tx: Tx,
  owner: OwnerActor,
  coupon: CouponRecord,
): Promise<SaveCouponResult> {
  const couponId = await insertCoupon(tx, coupon)
  if (couponId === undefined) return { ok: false, reason: 'code_taken' }
  await noteCoupon(tx, owner, 'coupon.created', couponId, coupon)
  return { ok: true, couponId }
}

/** What the form about a coupon shows; seenMark() of it goes along with the form. */
export function shownCoupon(coupon: CouponRecord) {
  const { code, note, reduction, minimumMinor, startsAt, endsAt } = coupon
  const { mostUses, mostUsesPerCustomer, productIds, forPlans } = coupon
  const others = { minimumMinor, startsAt, endsAt, mostUses, mostUsesPerCustomer }
  const plans = forPlans && { ...forPlans, planIds: forPlans.planIds?.toSorted() }
  return { code, note, ...reduction, ...others, productIds: productIds?.toSorted(), plans }
}

/**
 * Changes a coupon's terms for everybody who has not started to pay yet. On record. seen: the form's mark; changed: somebody
 * saved other terms since.
 */
export async function editCoupon(
  tx: Tx,
  owner: OwnerActor,
  couponId: string,
  coupon: CouponRecord,
  seen?: string,
): Promise<SaveCouponResult> {
  const before = isId(couponId) ? await lockCoupon(tx, couponId) : undefined
  if (!before) return { ok: false, reason: 'not_found' }
  if (overwrites(seen, shownCoupon(before), shownCoupon(coupon)))
    return { ok: false, reason: 'changed' }
  if (coupon.mostUses !== undefined && coupon.mostUses < before.uses)
    return { ok: false, reason: 'fewer_than_used' }
  // Whoever used it holds it for what it was for: its uses are counted in one place.
  if ((coupon.forPlans === undefined) !== (before.forPlans === undefined))
    if (await wasUsed(tx, couponId)) return { ok: false, reason: 'other_kind' }
  if (await codeIsTaken(tx, coupon.code, couponId)) return { ok: false, reason: 'code_taken' }
  await updateCoupon(tx, couponId, coupon)
  await noteCoupon(tx, owner, 'coupon.edited', couponId, coupon)
  return { ok: true, couponId }
}

/**
 * Switches a coupon on or off. Who is paying with it at that moment keeps it; everybody else is told when they use the code.
 * On record. false: no such coupon.
 */
export async function switchCoupon(
  tx: Tx,
  owner: OwnerActor,
  couponId: string,
  isActive: boolean,
): Promise<boolean> {
  const before = isId(couponId) ? await lockCoupon(tx, couponId) : undefined
  if (!before) return false
  if (before.isActive === isActive) return true
  await setActive(tx, couponId, isActive)
  await noteCoupon(tx, owner, isActive ? 'coupon.switched_on' : 'coupon.switched_off', couponId, {
    ...before,
    isActive,
  })
  return true
}

/** Lays out the coupon of the example shop, where no coupon has its code. */
export async function layOutExampleCoupon(tx: Tx): Promise<void> {
  const couponId = await insertCoupon(tx, exampleCoupon)
  if (couponId === undefined) return
  await flagExample(tx, couponId)
  await noteCoupon(tx, 'system', 'coupon.created', couponId, exampleCoupon)
}

/** Clears the example coupon away: deleted, or switched off where somebody (in rehearsal) used it. */
export async function removeExampleCoupons(tx: Tx, owner: OwnerActor): Promise<void> {
  for (const couponId of await deleteUnusedExamples(tx))
    await switchCoupon(tx, owner, couponId, false)
}

async function noteCoupon(
  tx: Tx,
  by: OwnerActor | 'system',
  action: string,
  couponId: string,
  coupon: CouponRecord,
): Promise<void> {
  await audit(tx, {
    actor: by === 'system' ? { kind: 'system' } : { kind: 'owner', memberId: by.memberId },
    action,
    subject: { kind: 'coupon', id: couponId },
    detail: {
      code: coupon.code,
      takesOff: reductionWords(coupon.reduction, 'en'),
      minimumMinor: coupon.minimumMinor,
      from: coupon.startsAt?.toISOString() ?? null,
      until: coupon.endsAt?.toISOString() ?? null,
      mostUses: coupon.mostUses ?? null,
      mostUsesPerCustomer: coupon.mostUsesPerCustomer ?? null,
      products: coupon.forPlans ? 0 : (coupon.productIds?.length ?? null),
      ...(coupon.forPlans
        ? {
            plans: coupon.forPlans.planIds?.length ?? null,
            comesOff: durationWords(coupon.forPlans),
          }
        : {}),
      isActive: coupon.isActive,
    },
  })
}
