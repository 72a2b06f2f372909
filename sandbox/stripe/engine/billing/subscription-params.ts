import type { Subscription } from '../objects/subscription.ts'
import type { Params } from '../params.ts'
import type { Reading, Work } from '../work.ts'
import { invalidRequest, notInSandbox } from '../../api-error.ts'
import { FEEDBACK } from '../objects/subscription.ts'
import { orKeep } from '../params.ts'
import { DAY_SECONDS } from './calendar.ts'

/** Parameters Stripe knows for subscriptions and this sandbox has nothing to do with. */
const NOT_SERVED = [
  'application_fee_percent',
  'backdate_start_date',
  'billing_cycle_anchor_config',
  'billing_schedules',
  'billing_thresholds',
  'customer_account',
  'default_source',
  'default_tax_rates',
  'invoice_settings',
  'on_behalf_of',
  'pending_invoice_item_interval',
  'transfer_data',
]

export const MISSING_METHOD = ['cancel', 'create_invoice', 'pause'] as const

/** Two years (docs.stripe.com/api/subscriptions/create#create_subscription-trial_end is five). */
const LONGEST_TRIAL_SECONDS = 5 * 366 * DAY_SECONDS

export function refuseWhatIsNotServed(params: Params): void {
  const refused = NOT_SERVED.find((name) => params.has(name) && !params.isCleared(name))
  if (refused !== undefined)
    throw notInSandbox(`\`${refused}\` of a subscription`, params.path(refused))
  if (params.group('automatic_tax')?.flag('enabled') === true)
    throw notInSandbox('Automatic tax', params.path('automatic_tax[enabled]'))
  const payment = params.group('payment_settings')
  for (const name of ['payment_method_options', 'payment_method_types'])
    if (payment?.has(name) === true && !payment.isCleared(name))
      throw notInSandbox(`\`${name}\` of a subscription`, payment.path(name))
  const trial = params.group('trial_settings')?.group('end_behavior')
  if (trial?.text('billing_cycle_anchor') === 'unchanged')
    throw notInSandbox('A trial that leaves the anchor', trial.path('billing_cycle_anchor'))
}

/** A method of the customer that a parameter names; ApiError 400 when it is somebody else's. */
export async function ownMethod(
  reading: Reading,
  params: Params,
  customer: string,
): Promise<string | undefined> {
  const id = params.text('default_payment_method')
  if (id === undefined) return undefined
  const param = params.path('default_payment_method')
  const method = await reading.named('payment_method', id, param)
  if (method.customer !== customer)
    throw invalidRequest(
      `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
      { code: 'resource_missing', param },
    )
  return id
}

/** When a trial ends: `trial_end`, or so many days from now; null for none. Unix seconds. */
export function trialEndOf(work: Work, params: Params): number | 'now' | null {
  const days = params.integer('trial_period_days')
  const end = params.raw('trial_end')
  if (days !== undefined && end !== undefined)
    throw invalidRequest(
      'You may only specify one of these parameters: trial_end, trial_period_days.',
      { param: params.path('trial_end') },
    )
  if (end === 'now') return 'now'
  if (days !== undefined && days < 1)
    throw invalidRequest('The minimum number of trial period days is 1.', {
      code: 'parameter_invalid_integer',
      param: params.path('trial_period_days'),
    })
  const at =
    typeof end === 'number' ? end : days === undefined ? null : work.now + days * DAY_SECONDS
  if (at === null) return null
  const param = params.path(days === undefined ? 'trial_end' : 'trial_period_days')
  if (at <= work.now)
    throw invalidRequest('Invalid timestamp: must be an integer Unix timestamp in the future.', {
      param,
    })
  if (at > work.now + LONGEST_TRIAL_SECONDS)
    throw invalidRequest('The maximum number of trial days is 730 days (2 years) or five years.', {
      param,
    })
  return at
}

export function missingMethodOf(params: Params): (typeof MISSING_METHOD)[number] | undefined {
  return params
    .group('trial_settings')
    ?.group('end_behavior')
    ?.choice('missing_payment_method', MISSING_METHOD)
}

/** What buyers and sellers say about a cancellation. */
export function cancellationDetails(
  params: Params,
  before: Subscription['cancellation_details'],
): Subscription['cancellation_details'] {
  const given = params.group('cancellation_details')
  if (given === undefined) return before
  return {
    ...before,
    comment: orKeep(given.settable('comment'), before.comment),
    feedback: given.isCleared('feedback')
      ? null
      : (given.choice('feedback', FEEDBACK) ?? before.feedback),
  }
}

/** The subscription with an end planned, moved or taken back as asked. */
export function withCancellation(
  work: Work,
  subscription: Subscription,
  params: Params,
  periodEnd: number,
): Subscription {
  const atEnd = params.flag('cancel_at_period_end')
  const at = params.raw('cancel_at')
  if (atEnd === true && at !== undefined && at !== '')
    throw invalidRequest(
      'You may only specify one of these parameters: cancel_at, cancel_at_period_end.',
      { param: params.path('cancel_at') },
    )
  const planned = (cancelAt: number, atPeriodEnd: boolean): Subscription => ({
    ...subscription,
    cancel_at: cancelAt,
    cancel_at_period_end: atPeriodEnd,
    canceled_at: work.now,
    cancellation_details: {
      ...subscription.cancellation_details,
      reason: 'cancellation_requested',
    },
  })
  if (atEnd === true)
    return subscription.cancel_at_period_end ? subscription : planned(periodEnd, true)
  if (typeof at === 'number') {
    if (at <= work.now)
      throw invalidRequest('`cancel_at` must be in the future.', {
        param: params.path('cancel_at'),
      })
    return planned(at, false)
  }
  if (at === 'min_period_end' || at === 'max_period_end') return planned(periodEnd, false)
  if (at === 'max_billed_until') throw notInSandbox('`max_billed_until`', params.path('cancel_at'))
  if (atEnd === false ? subscription.cancel_at_period_end : at === '')
    return {
      ...subscription,
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: null,
      cancellation_details: {
        comment: null,
        feedback: null,
        feedback_option: null,
        reason: null,
      },
    }
  return subscription
}
