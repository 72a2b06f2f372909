import type { ErrorBody } from '../../api-error.ts'
import type { Invoice } from '../objects/invoice.ts'
import type { Debit, Subscription, SubscriptionItem } from '../objects/subscription.ts'
import type { Work } from '../work.ts'
import type { Collection } from './invoice-collection.ts'
import type { LineDraft } from './invoice-lines.ts'
import { ApiError, invalidRequest } from '../../api-error.ts'
import { boundaryAfter, isSameRhythm } from './calendar.ts'
import { collect, finalizeInvoice } from './invoice-collection.ts'
import { itemLine } from './invoice-lines.ts'
import { noteCredit, noteDebit } from './invoice-notes.ts'
import {
  changeSubscription,
  itemsIn,
  periodOf,
  recordOf,
  rhythmOfAll,
  withItems,
} from './subscription.ts'
import { billSubscription, dropUsedUp } from './subscription-invoice.ts'
import { announceShortTrial, debitsOf } from './subscription-start.ts'
import { INCOMPLETE_SECONDS } from './subscription-tasks.ts'
import { onInvoiceUnpaid } from './subscription-payment.ts'

export const PRORATION = ['always_invoice', 'create_prorations', 'none'] as const

export const PAYMENT_BEHAVIOR = [
  'allow_incomplete',
  'default_incomplete',
  'error_if_incomplete',
  'pending_if_incomplete',
] as const

export type PaymentBehavior = (typeof PAYMENT_BEHAVIOR)[number]

/** What is to become of a subscription. Instants in unix seconds. */
export type Change = {
  /** All items it is to have. */
  items: readonly SubscriptionItem[]
  /** A trial that is to end now, or at another time; undefined leaves it as it is. */
  trialEnd: number | 'now' | undefined
  /** The period begins anew. */
  startsOver: boolean
  proration: (typeof PRORATION)[number]
  /** From when on it is credited and debited. */
  from: number
}

export type PlannedChange = {
  after: Subscription
  debits: Readonly<Record<string, Debit>>
  /** What is to be paid at once: a draft. */
  invoice: Invoice | null
}

/**
 * Works a change out: what the subscription will be, what is credited and debited for it, and the
 * invoice when it is billed at once. The subscription itself is not touched.
 */
export async function planChange(
  work: Work,
  before: Subscription,
  change: Change,
): Promise<PlannedChange> {
  const period = periodOf(before)
  if (change.from < period.start || change.from > period.end)
    throw invalidRequest(
      'The proration date must be within the current period of the subscription.',
      { param: 'proration_date' },
    )
  const { after, isTrial, startsOver } = outcomeOf(work, before, change)
  const record = await recordOf(work, before.id)
  const debits: Record<string, Debit> = { ...record.debits }
  const newPeriod = periodOf(after)
  for (const item of before.items.data) {
    const next = after.items.data.find((one) => one.id === item.id)
    const isSame = next !== undefined && isSamePosition(item, next) && !startsOver
    if (isSame) continue
    if (change.proration !== 'none')
      await noteCredit(work, before, item, debits[item.id], change.from)
    // Without prorations what was billed stays billed.
    if (change.proration !== 'none' || startsOver || next === undefined) delete debits[item.id]
  }
  const lines: LineDraft[] = []
  for (const item of after.items.data) {
    const old = before.items.data.find((one) => one.id === item.id)
    if (isTrial) continue
    if (startsOver) lines.push(await itemLine(work, item, newPeriod))
    else if (change.proration !== 'none' && (old === undefined || !isSamePosition(old, item))) {
      const note = await noteDebit(work, after, item, newPeriod, change.from)
      debits[item.id] = {
        amount: note.amount,
        start: change.from,
        end: newPeriod.end,
        invoice: null,
        line: note.id,
      }
    }
  }
  const isBilledNow = (startsOver && !isTrial) || change.proration === 'always_invoice'
  if (!isBilledNow) return { after, debits, invoice: null }
  const invoice = await billSubscription(work, after, {
    reason: 'subscription_update',
    lines,
    period: { start: work.now, end: work.now },
    autoAdvance: true,
    prorationDate: change.from,
  })
  return { after, debits: { ...debits, ...debitsOf(invoice) }, invoice }
}

function isSamePosition(a: SubscriptionItem, b: SubscriptionItem): boolean {
  return a.price.id === b.price.id && a.quantity === b.quantity
}

function outcomeOf(
  work: Work,
  before: Subscription,
  change: Change,
): { after: Subscription; isTrial: boolean; startsOver: boolean } {
  const next = withItems(before, change.items)
  const rhythm = rhythmOfAll(next)
  const wasTrial = before.status === 'trialing'
  if (typeof change.trialEnd === 'number' && change.trialEnd > work.now) {
    const period = {
      start: wasTrial ? periodOf(before).start : work.now,
      end: change.trialEnd,
    }
    return {
      after: {
        ...withItems(next, itemsIn(next.items.data, period)),
        billing_cycle_anchor: change.trialEnd,
        status: 'trialing',
        trial_end: change.trialEnd,
        trial_start: before.trial_start ?? work.now,
      },
      isTrial: true,
      startsOver: !wasTrial,
    }
  }
  const endsTrial = wasTrial && change.trialEnd !== undefined
  const isTrial = wasTrial && !endsTrial
  const startsOver =
    endsTrial || (!isTrial && (change.startsOver || !isSameRhythm(rhythm, rhythmOfAll(before))))
  const period = startsOver
    ? { start: work.now, end: boundaryAfter(work.now, rhythm, work.now) }
    : periodOf(before)
  return {
    after: {
      ...withItems(next, itemsIn(next.items.data, period)),
      billing_cycle_anchor: startsOver ? work.now : before.billing_cycle_anchor,
      status: endsTrial ? 'active' : before.status,
      trial_end: endsTrial ? work.now : before.trial_end,
    },
    isTrial,
    startsOver,
  }
}

/** Makes a planned change, and collects what it costs at once. ApiError 402 under `error_if_incomplete`. */
export async function makeChange(
  work: Work,
  before: Subscription,
  planned: PlannedChange,
  behavior: PaymentBehavior,
): Promise<Subscription> {
  const { after, debits, invoice } = planned
  const record = await recordOf(work, before.id)
  if (invoice === null) {
    work.put('_subscription', { ...record, debits })
    const changed = changeSubscription(work, before, after)
    if (before.trial_end !== after.trial_end) await announceShortTrial(work, changed)
    return changed
  }
  const waits = behavior === 'pending_if_incomplete' && invoice.total > 0
  if (waits) {
    // Until it is paid the subscription stays as it was; should it be paid at once, nobody sees that.
    work.put('_subscription', { ...record, pending: { invoice: invoice.id, after, debits } })
    work.put('subscription', { ...before, latest_invoice: invoice.id })
  } else {
    work.put('_subscription', { ...record, debits })
    changeSubscription(work, before, { ...after, latest_invoice: invoice.id })
  }
  const open = await finalizeInvoice(work, waits ? { ...invoice, auto_advance: false } : invoice)
  await dropUsedUp(work, before.id, open)
  const isCollected = open.status === 'open' && open.collection_method === 'charge_automatically'
  if (isCollected && behavior === 'default_incomplete') await onInvoiceUnpaid(work, open)
  if (isCollected && behavior !== 'default_incomplete') {
    const outcome = await collect(work, open, { isScheduled: !waits })
    if (behavior === 'error_if_incomplete') refuseUnpaid(outcome)
    if (waits && outcome.result !== 'paid') {
      const now = await work.named('subscription', before.id, 'subscription')
      changeSubscription(work, before, { ...now, pending_update: pendingUpdate(work, after) })
    }
  }
  return work.named('subscription', before.id, 'subscription')
}

function pendingUpdate(work: Work, after: Subscription): Subscription['pending_update'] {
  return {
    billing_cycle_anchor: after.billing_cycle_anchor,
    cancel_at_period_end: null,
    discount: null,
    discounts: null,
    expires_at: work.now + INCOMPLETE_SECONDS,
    metadata: null,
    subscription_items: after.items.data,
    trial_end: after.trial_end,
    trial_from_plan: null,
  }
}

/** Under `error_if_incomplete` what was not paid at once is undone, with Stripe's 402. */
export function refuseUnpaid(outcome: Collection): void {
  if (outcome.result === 'paid' || outcome.result === 'processing') return
  const body: ErrorBody = outcome.error ?? {
    type: 'card_error',
    code:
      outcome.result === 'requires_action'
        ? 'subscription_payment_intent_requires_action'
        : 'resource_missing',
    message:
      outcome.result === 'requires_action'
        ? 'Payment for this subscription requires additional user action before it can be completed successfully.'
        : 'This customer has no attached payment source or default payment method. Please consider adding a default payment method.',
  }
  throw new ApiError(402, body)
}
