import type { Invoice } from '../objects/invoice.ts'
import type { Subscription } from '../objects/subscription.ts'
import { Params } from '../params.ts'
import type { Work } from '../work.ts'
import { invalidRequest, notInSandbox } from '../../api-error.ts'
import { planChange } from './subscription-change.ts'
import { subscriptionPlan } from './subscription-create.ts'
import { nextInvoice, previewOf } from './subscription-cycle.ts'
import { startSubscription } from './subscription-start.ts'
import { changeSubscription, isEnded, periodOf } from './subscription.ts'
import { withCancellation } from './subscription-params.ts'
import { changeOf } from './subscription-update.ts'
import { liveCustomer } from '../customer.ts'

const NOT_SERVED = [
  'customer_account',
  'customer_details',
  'discounts',
  'invoice_items',
  'on_behalf_of',
  'schedule',
  'schedule_details',
]

/** Of `subscription_details`: these say what is asked, everything else is refused. */
const SERVED_OF_SUBSCRIPTION = new Set([
  'billing_cycle_anchor',
  'billing_mode',
  'cancel_at',
  'cancel_at_period_end',
  'items',
  'proration_behavior',
  'proration_date',
  'trial_end',
])

/**
 * `POST /v1/invoices/create_preview`: the invoice a change would make at once, or the next one there
 * will be. Nothing of it is kept.
 */
export async function previewInvoice(accountWork: Work, params: Params): Promise<Invoice> {
  const refused = NOT_SERVED.find((name) => params.has(name) && !params.isCleared(name))
  if (refused !== undefined) throw notInSandbox(`\`${refused}\` of a preview`, refused)
  if (params.text('preview_mode') === 'recurring')
    throw notInSandbox('The preview mode `recurring`', 'preview_mode')
  if (params.group('automatic_tax')?.flag('enabled') === true)
    throw notInSandbox('Automatic tax', 'automatic_tax[enabled]')
  const id = params.text('subscription')
  const details = params.group('subscription_details') ?? new Params({})
  const other = details.names.find(
    (name) => !SERVED_OF_SUBSCRIPTION.has(name) && !details.isCleared(name),
  )
  if (other !== undefined) throw notInSandbox(`\`${other}\` of a preview`, details.path(other))
  if (details.group('billing_cycle_anchor')?.text('type') === 'timestamp')
    throw notInSandbox('Another anchor than now', details.path('billing_cycle_anchor'))
  if (id === undefined) return previewNew(accountWork, params)
  const stored = await accountWork.named('subscription', id, 'subscription')
  // Cleared: as if nothing came off. Source: docs.stripe.com/api/invoices/create_preview, `discounts`.
  const subscription = params.isCleared('discounts') ? { ...stored, discounts: [] } : stored
  const customer = params.text('customer')
  if (customer !== undefined && customer !== subscription.customer)
    throw invalidRequest(`The subscription ${id} is of another customer.`, { param: 'customer' })
  if (isEnded(subscription))
    throw invalidRequest(`No upcoming invoices for subscription: ${id}`, {
      code: 'invoice_upcoming_none',
      param: 'subscription',
    })
  const work = await accountWork.onClock(subscription.test_clock)
  const changed = await work.rehearse((rehearsal) => changedNow(rehearsal, subscription, details))
  if (changed.invoice !== null) return changed.invoice
  const end = periodOf(changed.subscription).end
  if (willNotRenew(changed.subscription, end))
    throw invalidRequest(`No upcoming invoices for subscription: ${id}`, {
      code: 'invoice_upcoming_none',
      param: 'subscription',
    })
  // The change is made again, to be billed with the next period.
  return work.rehearse(async (rehearsal) => {
    const { subscription: after } = await changedNow(rehearsal, subscription, details)
    return rehearsal.rehearse((then) => nextInvoice(then, after), end * 1000)
  })
}

async function changedNow(
  work: Work,
  before: Subscription,
  details: Params,
): Promise<{ subscription: Subscription; invoice: Invoice | null }> {
  const change = await changeOf(work, before, details)
  const ended = withCancellation(work, before, details, periodOf(before).end)
  if (change === undefined) return { subscription: ended, invoice: null }
  const { after, invoice } = await planChange(work, before, change)
  changeSubscription(work, before, after)
  return { subscription: after, invoice: invoice === null ? null : previewOf(invoice) }
}

function willNotRenew(subscription: Subscription, end: number): boolean {
  return (
    subscription.cancel_at_period_end ||
    (subscription.cancel_at !== null && subscription.cancel_at <= end) ||
    subscription.status === 'paused'
  )
}

/** The first invoice of a subscription that does not exist yet. */
async function previewNew(accountWork: Work, params: Params): Promise<Invoice> {
  const details = params.raw('subscription_details')
  const customer = await liveCustomer(accountWork, params.needText('customer'), 'customer')
  if (typeof details !== 'object' || details === null)
    throw invalidRequest('You must provide one of subscription, subscription_details.', {
      param: 'subscription',
    })
  const work = await accountWork.onClock(customer.test_clock)
  return work.rehearse(async (rehearsal) => {
    const plan = await subscriptionPlan(
      rehearsal,
      new Params({ ...details, customer: customer.id, billing_cycle_anchor: undefined }),
    )
    const { invoice } = await startSubscription(rehearsal, plan)
    const draft: Invoice = {
      ...invoice,
      number: null,
      status: 'draft',
      amount_paid: 0,
      attempted: false,
      effective_at: null,
      ending_balance: null,
      status_transitions: { ...invoice.status_transitions, finalized_at: null, paid_at: null },
    }
    return previewOf(draft)
  })
}
