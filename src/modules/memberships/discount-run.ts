import { takenOff } from '#modules/coupons/discount.ts'
import type { PlanDuration, Reduction } from '#modules/coupons/types.ts'
import { formatDay, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { perInterval } from './interval.ts'
import type { Interval } from './types.ts'

/** What comes off the payments of a subscription that has begun. */
export interface RunningDiscount {
  readonly reduction: Reduction
  readonly duration: PlanDuration
  /** Of one for some months: payments due from then on are whole again. */
  readonly endsAt: Date | undefined
  /** The code, or what it is called at Stripe. */
  readonly name: string
}

interface Priced {
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
}

/** What comes off again and again. A discount of the first payment alone changes nothing that recurs. */
export function recurringOff(discount: RunningDiscount | undefined, amountMinor: number): number {
  return discount === undefined || discount.duration === 'once'
    ? 0
    : takenOff(discount.reduction, amountMinor)
}

/** What comes off a payment that is due at a moment. */
export function offAt(
  discount: RunningDiscount | undefined,
  amountMinor: number,
  dueAt: Date,
): number {
  return discount === undefined || (discount.endsAt !== undefined && dueAt >= discount.endsAt)
    ? 0
    : takenOff(discount.reduction, amountMinor)
}

/** "€10.00 a month", or with what comes off of it: what is due at a moment, and what it costs after that. */
export function priceWith(
  of: Priced,
  discount: RunningDiscount | undefined,
  dueAt: Date | undefined,
  dates: DateWords,
): string {
  const money = (minor: number) => formatMoney({ minor, currency: of.currency }, dates.locale)
  const whole = `${money(of.amountMinor)} ${perInterval(of.interval)}`
  const off = dueAt ? offAt(discount, of.amountMinor, dueAt) : 0
  if (discount === undefined || off === 0) return whole
  const left = money(of.amountMinor - off)
  switch (discount.duration) {
    case 'once':
      return `${left} with ${discount.name} for the first payment, then ${whole}`
    case 'repeating':
      return `${left} ${perInterval(of.interval)} with ${discount.name}${
        discount.endsAt ? ` until ${formatDay(discount.endsAt, dates)}` : ''
      }, then ${whole}`
    case 'forever':
      return `${left} ${perInterval(of.interval)} with ${discount.name}, instead of ${money(of.amountMinor)}`
  }
}

/** What somebody would pay who subscribes with a coupon now. */
export interface PaymentCourse {
  /** With what comes off; 0 = nothing. */
  readonly firstMinor: number
  /** undefined = at once. */
  readonly firstAt: Date | undefined
  /** How many payments it comes off. */
  readonly payments: number | 'all'
  /** When the whole price is asked for first; undefined = never. */
  readonly wholeAt: Date | undefined
}

/** Of payments that are counted one by one: a discount of so many of them is as good as one for ever. */
const mostCounted = 2_000

/**
 * What is paid and when, counted as Stripe does: months run from the day of subscribing, a trial included. undefined: the trial lasts
 * longer than the months, and nothing would come off.
 */
export function paymentCourse(
  plan: Pick<Priced, 'amountMinor' | 'interval'>,
  discount: {
    readonly offMinor: number
    readonly duration: PlanDuration
    readonly months: number | undefined
  },
  trialDays: number,
  begins: Date,
): PaymentCourse | undefined {
  const first = new Date(begins.getTime() + trialDays * 86_400_000)
  const course = {
    firstMinor: plan.amountMinor - discount.offMinor,
    firstAt: trialDays > 0 ? first : undefined,
  }
  if (discount.duration === 'forever') return { ...course, payments: 'all', wholeAt: undefined }
  if (discount.duration === 'once')
    return { ...course, payments: 1, wholeAt: later(first, plan.interval, 1) }
  const ends = later(begins, { unit: 'month', count: 1 }, discount.months ?? 0)
  let payments = 0
  while (payments < mostCounted && later(first, plan.interval, payments) < ends) payments++
  return payments === 0
    ? undefined
    : { ...course, payments, wholeAt: later(first, plan.interval, payments) }
}

/** So many intervals later, the day of the month kept where there is one: 31 January, 28 February, 31 March. */
function later(from: Date, { unit, count }: Interval, times: number): Date {
  const steps = count * times
  if (unit === 'day' || unit === 'week')
    return new Date(from.getTime() + steps * (unit === 'day' ? 1 : 7) * 86_400_000)
  const months = unit === 'year' ? steps * 12 : steps
  const then = new Date(from)
  then.setUTCDate(1)
  then.setUTCMonth(then.getUTCMonth() + months)
  const lastDay = new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth() + 1, 0)).getUTCDate()
  then.setUTCDate(Math.min(from.getUTCDate(), lastDay))
  return then
}

/** How a course is told: what stands in place of the price, and what comes after it, and when. */
export function courseWords(
  plan: Priced,
  course: PaymentCourse,
  dates: DateWords,
): { readonly price: string; readonly after: string } {
  const money = (minor: number) => formatMoney({ minor, currency: plan.currency }, dates.locale)
  const whole = `${money(plan.amountMinor)} ${perInterval(plan.interval)}`
  const left = course.firstMinor === 0 ? 'Free' : money(course.firstMinor)
  const isRepeated = course.payments !== 1
  const price = isRepeated && course.firstMinor > 0 ? `${left} ${perInterval(plan.interval)}` : left
  const trial = course.firstAt ? `Free until ${formatDay(course.firstAt, dates)}. ` : ''
  if (course.payments === 'all')
    return {
      price,
      after:
        course.firstMinor === 0
          ? 'For as long as you stay. No card is needed.'
          : `${trial}For as long as you stay.`,
    }
  const times =
    course.payments === 1
      ? `The first payment${course.firstAt ? '' : ', today'}`
      : `The first ${course.payments.toLocaleString(dates.locale)} payments`
  const then = course.wholeAt ? ` from ${formatDay(course.wholeAt, dates)} on` : ''
  return { price, after: `${trial}${times}. Then ${whole}${then}.` }
}
