import { formatDay, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { priceWith, type RunningDiscount } from './discount-run.ts'
import { isSameInterval, monthsIn } from './interval.ts'
import type { Interval, Plan } from './types.ts'

/** What somebody pays now: the price they once subscribed at, with the tier of their plan. */
export interface HeldPlan {
  readonly planId: string
  readonly group: string
  readonly tier: number
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
}

export type ChangeRefusal =
  | 'same_plan'
  | 'other_group'
  | 'other_currency'
  | 'disabled'
  | 'ending'
  | 'payment_owed'
  | 'paused'
  /** A change is planned already. */
  | 'change_planned'
  /** The owner's other price begins with the renewal that is near. */
  | 'price_changing'
  /** A plan that is paid in another rhythm cannot wait for the period's end. */
  | 'other_interval'

export type PlanChange =
  | {
      readonly ok: true
      readonly direction: 'upgrade' | 'downgrade'
      readonly when: 'now' | 'period_end'
    }
  | { readonly ok: false; readonly reason: ChangeRefusal }

/**
 * Whether a change of plan is one up or one down, and when it is done: up at once and paid for at once, down when the paid
 * period ends, so that nothing that was paid for is lost. The tier decides; within a tier the longer
 * interval, then the higher price. In a trial nothing was paid yet and every change is done at once.
 */
export function planChange(
  held: HeldPlan,
  wanted: Pick<
    Plan,
    'id' | 'group' | 'tier' | 'amountMinor' | 'currency' | 'interval' | 'isEnabled'
  >,
  standing: {
    readonly isTrial: boolean
    readonly isEnding: boolean
    readonly owes: boolean
    readonly isPaused: boolean
    /** Another change waits for the period's end. */
    readonly isChanging: boolean
    /** Stripe has the owner's other price for the renewal that is near. */
    readonly isMoving?: boolean
  },
): PlanChange {
  const refused = (reason: ChangeRefusal) => ({ ok: false, reason }) as const
  if (held.planId === wanted.id) return refused('same_plan')
  if (held.group !== wanted.group) return refused('other_group')
  if (held.currency !== wanted.currency) return refused('other_currency')
  if (!wanted.isEnabled) return refused('disabled')
  if (standing.isPaused) return refused('paused')
  if (standing.owes) return refused('payment_owed')
  if (standing.isEnding) return refused('ending')
  if (standing.isMoving) return refused('price_changing')
  if (standing.isChanging) return refused('change_planned')
  const steps = [
    wanted.tier - held.tier,
    monthsIn(wanted.interval) - monthsIn(held.interval),
    wanted.amountMinor - held.amountMinor,
  ]
  const direction = (steps.find((step) => step !== 0) ?? 0) < 0 ? 'downgrade' : 'upgrade'
  const when = direction === 'upgrade' || standing.isTrial ? 'now' : 'period_end'
  // Stripe begins a new period at once when the rhythm changes: what was paid for would be cut short.
  if (when === 'period_end' && !isSameInterval(held.interval, wanted.interval))
    return refused('other_interval')
  return { ok: true, direction, when }
}

export function changeRefusalWords(reason: ChangeRefusal): string {
  switch (reason) {
    case 'same_plan':
      return 'You have this plan already.'
    case 'other_group':
      return 'This plan stands beside yours: subscribe to it separately.'
    case 'other_currency':
      return 'This plan is in another currency. Cancel yours, then subscribe to this one.'
    case 'disabled':
      return 'This plan is not offered any more.'
    case 'ending':
      return 'Your subscription is about to end. Resume it first, then change the plan.'
    case 'payment_owed':
      return 'A payment is still owed. Pay it first, then change the plan.'
    case 'paused':
      return 'Your subscription is paused. The plan can be changed once it goes on.'
    case 'change_planned':
      return 'Another change is planned already. Take it back first, then change the plan.'
    case 'price_changing':
      return 'Your plan renews within a day, and its price changes with that. The plan can be changed after it.'
    case 'other_interval':
      return 'This plan holds less and is paid in another rhythm. Cancel yours, keep it until the end of what you have paid, then subscribe to this one.'
  }
}

/** What Stripe says a change would cost, translated. */
export interface ChangeCost {
  /** Asked for at once; 0 = nothing. */
  readonly todayMinor: number
  /** What is left of the period that was paid, as a sum that comes off. */
  readonly creditMinor: number
  readonly currency: string
  /** When the next payment is due after the change. */
  readonly nextAt: Date
}

export interface PreviewRow {
  readonly label: string
  readonly value: string
}

/** What is shown before a change of plan is done: exactly what it does, to the cent. */
export function changePreview(
  change: Extract<PlanChange, { ok: true }>,
  wanted: Pick<Plan, 'title' | 'amountMinor' | 'currency' | 'interval'>,
  cost: ChangeCost,
  dates: DateWords,
  discount?: { readonly running: RunningDiscount; readonly goesOn: boolean },
): { readonly rows: readonly PreviewRow[]; readonly confirm: string } {
  const money = (minor: number) => formatMoney({ minor, currency: cost.currency }, dates.locale)
  const price = priceWith(
    wanted,
    discount?.goesOn ? discount.running : undefined,
    cost.nextAt,
    dates,
  )
  const ended =
    discount && !discount.goesOn
      ? [{ label: discount.running.name, value: discountEnds(discount.running, change) }]
      : []
  const next = formatDay(cost.nextAt, dates)
  if (change.when === 'period_end')
    return {
      rows: [
        { label: 'Today', value: 'Nothing is charged; your plan stays as it is' },
        { label: `${wanted.title} begins`, value: next },
        { label: 'From then on', value: price },
        ...ended,
      ],
      confirm: `Change to ${wanted.title} on ${next}`,
    }
  return {
    rows: [
      ...(cost.creditMinor > 0
        ? [{ label: 'Left of what you have paid', value: `−${money(cost.creditMinor)}` }]
        : []),
      { label: 'Charged today', value: cost.todayMinor > 0 ? money(cost.todayMinor) : 'Nothing' },
      { label: 'Next payment', value: next },
      { label: 'From then on', value: price },
      ...ended,
    ],
    confirm:
      cost.todayMinor > 0
        ? `Pay ${money(cost.todayMinor)} and change to ${wanted.title}`
        : `Change to ${wanted.title} now`,
  }
}

function discountEnds(
  { name }: RunningDiscount,
  change: Extract<PlanChange, { ok: true }>,
): string {
  return change.when === 'period_end'
    ? `${name} is not for this plan. Nothing comes off any more, also if you take the change back`
    : `${name} is not for this plan. Nothing comes off any more`
}
