import type { Customer } from './objects/customer.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { PortalConfiguration, PortalDoor, PortalSession } from './objects/portal.ts'
import type { SetupIntent } from './objects/setup-intent.ts'
import type { Feedback, Subscription } from './objects/subscription.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest } from '../api-error.ts'
import { noteCredit } from './billing/invoice-notes.ts'
import { previewInvoice } from './billing/invoice-preview.ts'
import {
  changeSubscription,
  firstItem,
  isEnded,
  periodOf,
  recordOf,
} from './billing/subscription.ts'
import { endSubscription } from './billing/subscription-end.ts'
import { billCredits } from './billing/subscription-pause.ts'
import { updateSubscription } from './billing/subscription-update.ts'
import { liveCustomer } from './customer.ts'
import { Params } from './params.ts'
import { attemptSetup, newSetup, type SetupOutcome } from './setup-intent.ts'

/** How long a portal stays open to whoever has come. */
const USED_SECONDS = 3_600

/** Everything a visit to the portal is about. */
export type PortalVisit = {
  door: PortalDoor
  session: PortalSession
  configuration: PortalConfiguration
  customer: Customer
}

/** The portal behind a door; undefined when it has closed. */
export async function portalAt(reading: Reading, id: string): Promise<PortalVisit | undefined> {
  const door = await reading.get('_portal_door', id)
  if (door === undefined || door.closesAt <= reading.now) return undefined
  const session = await reading.named('billing_portal.session', door.session, 'session')
  return {
    door,
    session,
    configuration: await reading.named(
      'billing_portal.configuration',
      session.configuration,
      'configuration',
    ),
    customer: await liveCustomer(reading, session.customer, 'customer'),
  }
}

/** Somebody came: the portal stays open for an hour from its first visit on. */
export function markUsed(work: Work, door: PortalDoor): void {
  if (!door.wasUsed)
    work.put('_portal_door', { ...door, wasUsed: true, closesAt: work.now + USED_SECONDS })
}

/** The subscriptions a customer sees in the portal, newest first. */
export async function portalSubscriptions(
  reading: Reading,
  customer: string,
): Promise<readonly Subscription[]> {
  const page = await reading.list('subscription', {
    limit: 20,
    conditions: [
      { path: ['customer'], is: customer },
      { not: { path: ['status'], in: ['canceled', 'incomplete_expired', 'incomplete'] } },
    ],
  })
  return page.data
}

async function own(
  accountWork: Work,
  visit: PortalVisit,
  id: string,
): Promise<{ work: Work; subscription: Subscription }> {
  const subscription = await accountWork.named('subscription', id, 'subscription')
  if (subscription.customer !== visit.customer.id || isEnded(subscription))
    throw invalidRequest('There is no such plan any more.', { param: 'subscription' })
  return { work: await accountWork.onClock(subscription.test_clock), subscription }
}

function mustOffer(isOffered: boolean): void {
  if (!isOffered) throw invalidRequest('This portal does not offer that.')
}

/** The customer cancels: now, or at the end of what is paid for. */
export async function cancelInPortal(
  accountWork: Work,
  visit: PortalVisit,
  id: string,
  why: { feedback: Feedback | null; comment: string | null },
): Promise<void> {
  const { subscription_cancel: terms } = visit.configuration.features
  mustOffer(terms.enabled)
  const { work, subscription } = await own(accountWork, visit, id)
  const told: Subscription = {
    ...subscription,
    cancellation_details: {
      ...subscription.cancellation_details,
      ...why,
      reason: 'cancellation_requested',
    },
  }
  if (terms.mode === 'immediately') {
    if (terms.proration_behavior !== 'none') {
      const record = await recordOf(work, id)
      for (const item of subscription.items.data)
        await noteCredit(work, subscription, item, record.debits[item.id], work.now)
      if (terms.proration_behavior === 'always_invoice') await billCredits(work, subscription)
    }
    const current = await work.named('subscription', id, 'subscription')
    await endSubscription(
      work,
      { ...current, cancellation_details: told.cancellation_details },
      'cancellation_requested',
    )
    return
  }
  // In the flexible mode the portal names the instant and leaves the flag alone; stripe-node#2470.
  changeSubscription(work, subscription, {
    ...told,
    cancel_at: periodOf(subscription).end,
    cancel_at_period_end: subscription.billing_mode.type === 'classic',
    canceled_at: work.now,
  })
}

/** The customer takes a planned end back. */
export async function renewInPortal(
  accountWork: Work,
  visit: PortalVisit,
  id: string,
): Promise<void> {
  mustOffer(visit.configuration.features.subscription_cancel.enabled)
  const { work, subscription } = await own(accountWork, visit, id)
  changeSubscription(work, subscription, {
    ...subscription,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
  })
}

/** Prices a subscription may be changed to. */
export function offeredPrices({ configuration }: PortalVisit): readonly string[] {
  const { enabled, products = [] } = configuration.features.subscription_update
  return enabled ? products.flatMap((product) => product.prices) : []
}

function changeParams(visit: PortalVisit, subscription: Subscription, price: string): Params {
  const { proration_behavior: proration, billing_cycle_anchor: anchor } =
    visit.configuration.features.subscription_update
  return new Params({
    items: [{ id: firstItem(subscription).id, price }],
    proration_behavior: proration,
    ...(anchor === 'now' ? { billing_cycle_anchor: { type: 'now' } } : {}),
  })
}

/** The customer changes to another price. */
export async function changeInPortal(
  accountWork: Work,
  visit: PortalVisit,
  id: string,
  price: string,
): Promise<void> {
  mustOffer(offeredPrices(visit).includes(price))
  const { subscription } = await own(accountWork, visit, id)
  await updateSubscription(accountWork, changeParams(visit, subscription, price), id)
}

/** What a change would cost now, in minor units; null when it costs nothing before the next period. */
export async function costInPortal(
  accountWork: Work,
  visit: PortalVisit,
  id: string,
  price: string,
): Promise<number | null> {
  mustOffer(offeredPrices(visit).includes(price))
  const { subscription } = await own(accountWork, visit, id)
  const { proration_behavior: proration } = visit.configuration.features.subscription_update
  const preview = await previewInvoice(
    accountWork,
    new Params({
      subscription: id,
      subscription_details: {
        items: [{ id: firstItem(subscription).id, price }],
        proration_behavior: proration,
      },
    }),
  )
  return preview.billing_reason === 'subscription_update' ? preview.amount_due : null
}

/** The customer gives another card: it is charged for everything from now on. */
export async function exchangeCard(
  accountWork: Work,
  visit: PortalVisit,
  method: PaymentMethod,
): Promise<SetupOutcome> {
  mustOffer(visit.configuration.features.payment_method_update.enabled)
  const work = await accountWork.onClock(visit.customer.test_clock)
  const setup = newSetup(work, { customer: visit.customer.id }, { portal: visit.door.id })
  const outcome = await attemptSetup(work, setup, method)
  if (outcome.result === 'succeeded') await useCard(accountWork, outcome.setup)
  return outcome
}

/** A card that was saved in the portal becomes what everything of its customer is paid with. */
export async function useCard(accountWork: Work, setup: SetupIntent): Promise<void> {
  if (setup.customer === null || setup.payment_method === null || setup.status !== 'succeeded')
    return
  const customer = await liveCustomer(accountWork, setup.customer, 'customer')
  const work = await accountWork.onClock(customer.test_clock)
  work.update('customer', 'customer.updated', customer, {
    ...customer,
    invoice_settings: {
      ...customer.invoice_settings,
      default_payment_method: setup.payment_method,
    },
  })
  for (const subscription of await portalSubscriptions(work, customer.id))
    if (subscription.default_payment_method !== null)
      changeSubscription(work, subscription, {
        ...subscription,
        default_payment_method: setup.payment_method,
      })
}

/** The customer changes what the shop knows of them. */
export async function changeDetails(
  accountWork: Work,
  visit: PortalVisit,
  details: { email?: string; name?: string },
): Promise<void> {
  const { customer_update: terms } = visit.configuration.features
  mustOffer(terms.enabled)
  const work = await accountWork.onClock(visit.customer.test_clock)
  work.update('customer', 'customer.updated', visit.customer, {
    ...visit.customer,
    ...(terms.allowed_updates.includes('email') && details.email !== undefined
      ? { email: details.email }
      : {}),
    ...(terms.allowed_updates.includes('name') && details.name !== undefined
      ? { name: details.name }
      : {}),
  })
}

/** What the portal was opened for is done. */
export function markDone(work: Work, door: PortalDoor): void {
  work.put('_portal_door', { ...door, wasUsed: true, isDone: true })
}
