import type { PortalVisit } from '../engine/portal.ts'
import type { Invoice } from '../engine/objects/invoice.ts'
import type { Subscription } from '../engine/objects/subscription.ts'
import type { Reading, Work } from '../engine/work.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import type { FieldName, Typed } from './checkout-entry.ts'
import type { Html } from './html.ts'
import { priceInWords, productName } from '../engine/billing/plan.ts'
import { firstItem, methodFor, periodOf } from '../engine/billing/subscription.ts'
import { formatMoney } from '../engine/currencies.ts'
import { costInPortal, offeredPrices, portalSubscriptions } from '../engine/portal.ts'
import { cardFields, EMPTY, filledWith, offeredCards } from './checkout-form.ts'
import { longDay } from './checkout-words.ts'
import { html } from './html.ts'
import { BANNER, page } from './layout.ts'
import { pathPrefix } from './path-prefix.ts'

export type ViewName = 'home' | 'card' | 'cancel' | 'change' | 'details'

/** What went wrong with a form, and what stood in it. */
export type PortalProblem = {
  message: string
  field?: FieldName
  typed?: Typed
  status?: number
}

const FEEDBACK_WORDS = {
  customer_service: 'The service was not good enough',
  low_quality: 'The quality was not good enough',
  missing_features: 'Something is missing',
  other: 'Another reason',
  switched_service: 'I found something else',
  too_complex: 'It is too complicated',
  too_expensive: 'It is too expensive',
  unused: 'I do not use it enough',
} as const

const INVOICES_SHOWN = 12

/** One view of the portal as a page. */
export async function portalView(
  sandbox: Sandbox,
  work: Work,
  visit: PortalVisit,
  view: ViewName,
  query: URLSearchParams,
  problem?: PortalProblem,
): Promise<HttpAnswer> {
  const action = `${pathPrefix(sandbox)}/p/session/${visit.door.id}`
  const { flow, return_url: returnUrl } = visit.session
  const { title, body } = await viewBody(work, visit, view, query, action, problem)
  const isAlone = flow !== null && !visit.door.isDone
  return page({
    status: problem?.status ?? 200,
    title,
    leadsTo: [returnUrl, flow?.after_completion.redirect?.return_url ?? null],
    body: html`${BANNER}
      <main class="single portal">
        <p class="trail">
          ${
            returnUrl !== null &&
            html`<a href="${returnUrl}" data-testid="return">← Return to the shop</a>`
          }
          ${
            view !== 'home' &&
            !isAlone &&
            html`<a href="${action}" data-testid="portal-home">Back to the overview</a>`
          }
        </p>
        <h1>${title}</h1>
        ${
          problem !== undefined &&
          html`<p class="problem" role="alert" id="problem" data-testid="error">
            ${problem.message}
          </p>`
        }
        ${body}
      </main>`,
  })
}

async function viewBody(
  work: Work,
  visit: PortalVisit,
  view: ViewName,
  query: URLSearchParams,
  action: string,
  problem: PortalProblem | undefined,
): Promise<{ title: string; body: Html }> {
  if (view === 'card') return cardView(work, query, action, problem)
  if (view === 'details') return detailsView(visit, action)
  if (view === 'cancel' || view === 'change') {
    const subscription = await subscriptionAsked(work, visit, query)
    if (subscription !== undefined)
      return view === 'cancel'
        ? cancelView(work, visit, subscription, action)
        : changeView(work, visit, subscription, query, action)
  }
  return {
    title: visit.configuration.business_profile.headline ?? 'Your plan',
    body: await homeView(work, visit, action),
  }
}

async function subscriptionAsked(
  reading: Reading,
  visit: PortalVisit,
  query: URLSearchParams,
): Promise<Subscription | undefined> {
  const { flow } = visit.session
  const id =
    query.get('subscription') ??
    flow?.subscription_cancel?.subscription ??
    flow?.subscription_update?.subscription ??
    flow?.subscription_update_confirm?.subscription
  const all = await portalSubscriptions(reading, visit.customer.id)
  return all.find((one) => one.id === id)
}

async function homeView(reading: Reading, visit: PortalVisit, action: string): Promise<Html> {
  const { features } = visit.configuration
  const subscriptions = await portalSubscriptions(reading, visit.customer.id)
  const plans: Html[] = []
  for (const one of subscriptions) plans.push(await planPart(reading, visit, one, action))
  return html`${plans.length === 0 ? html`<p data-testid="no-plan">You have no plan.</p>` : plans}
  ${
    features.payment_method_update.enabled &&
    html`<h2>Card</h2>
      <p data-testid="current-card">${await cardInWords(reading, visit, subscriptions)}</p>
      <p class="row">
        <a class="button quiet" href="${action}?view=card" data-testid="change-card"
          >Use another card</a
        >
      </p>`
  }
  ${
    features.customer_update.enabled &&
    html`<h2>About you</h2>
      <p>${[visit.customer.name, visit.customer.email].filter((one) => one !== null).join(', ')}</p>
      <p class="row">
        <a class="button quiet" href="${action}?view=details" data-testid="change-details"
          >Change</a
        >
      </p>`
  }
  ${features.invoice_history.enabled && (await invoiceList(reading, visit))}`
}

async function planPart(
  reading: Reading,
  visit: PortalVisit,
  subscription: Subscription,
  action: string,
): Promise<Html> {
  const { price } = firstItem(subscription)
  const { end } = periodOf(subscription)
  const { features } = visit.configuration
  const endsAt = subscription.cancel_at ?? (subscription.cancel_at_period_end ? end : null)
  const next =
    endsAt !== null
      ? `Ends on ${longDay(endsAt)}.`
      : subscription.status === 'trialing'
        ? `Your trial ends on ${longDay(end)}.`
        : subscription.status === 'past_due' || subscription.status === 'unpaid'
          ? 'Your last payment failed.'
          : `Renews on ${longDay(end)}.`
  const link = (view: string): string => `${action}?view=${view}&subscription=${subscription.id}`
  return html`<section class="plan">
    <h2 data-testid="plan">${await productName(reading, price)}</h2>
    <p>${priceInWords(price)}</p>
    <p data-testid="plan-next">${next}</p>
    <div class="row">
      ${
        offeredPrices(visit).length > 0 &&
        html`<a class="button quiet" href="${link('change')}" data-testid="change-plan"
          >Change plan</a
        >`
      }
      ${
        features.subscription_cancel.enabled && endsAt === null
          ? html`<a class="button quiet" href="${link('cancel')}" data-testid="cancel-plan"
              >Cancel plan</a
            >`
          : features.subscription_cancel.enabled &&
            html`<form method="post" action="${action}">
              <input type="hidden" name="subscription" value="${subscription.id}" />
              <button class="button" name="step" value="renew" data-testid="renew-plan">
                Do not cancel
              </button>
            </form>`
      }
    </div>
  </section>`
}

async function cardInWords(
  reading: Reading,
  visit: PortalVisit,
  subscriptions: readonly Subscription[],
): Promise<string> {
  const method = await methodFor(reading, {
    customer: visit.customer.id,
    default_payment_method: subscriptions[0]?.default_payment_method ?? null,
  })
  if (method === undefined) return 'None.'
  return method.card === undefined
    ? `${method.type.replaceAll('_', ' ')} ending in ${method.sepa_debit?.last4 ?? method.us_bank_account?.last4 ?? ''}`
    : `${method.card.brand} ending in ${method.card.last4}, until ${method.card.exp_month}/${method.card.exp_year}`
}

async function invoiceList(reading: Reading, visit: PortalVisit): Promise<Html> {
  const page = await reading.list('invoice', {
    limit: INVOICES_SHOWN,
    conditions: [
      { path: ['customer'], is: visit.customer.id },
      { path: ['status'], in: ['open', 'paid', 'uncollectible'] },
    ],
  })
  const invoices = page.data.filter((one): one is Invoice => !('deleted' in one))
  if (invoices.length === 0) return html``
  return html`<h2>Invoices</h2>
    <ul class="lines" data-testid="invoices">
      ${invoices.map(
        (invoice) =>
          html`<li>
            <span class="what"
              ><a href="${invoice.hosted_invoice_url ?? ''}">${longDay(invoice.created)}</a>
              ${invoice.status} <a href="${invoice.invoice_pdf ?? ''}">PDF</a></span
            >
            <span class="num">${formatMoney(invoice.total, invoice.currency)}</span>
          </li>`,
      )}
    </ul>`
}

function cardView(
  reading: Reading,
  query: URLSearchParams,
  action: string,
  problem: PortalProblem | undefined,
): { title: string; body: Html } {
  const fill = query.get('fill')
  const typed = problem?.typed ?? (fill === null ? EMPTY : filledWith(fill, reading.nowMs))
  const mistake =
    problem?.field === undefined ? undefined : { field: problem.field, message: problem.message }
  return {
    title: 'Your card',
    body: html`${
        query.has('declined') &&
        problem === undefined &&
        html`<p class="problem" role="alert" data-testid="error">
          We are unable to authenticate your payment method. Please choose a different payment
          method and try again.
        </p>`
      }
      <form method="post" action="${action}" novalidate>
        ${cardFields(typed, mistake)}
        <button class="button wide" name="step" value="card" data-testid="save-card">
          Use this card
        </button>
      </form>
      ${offeredCards(`${action}?view=card`)}`,
  }
}

function detailsView(
  { customer, configuration }: PortalVisit,
  action: string,
): {
  title: string
  body: Html
} {
  const { allowed_updates: allowed } = configuration.features.customer_update
  return {
    title: 'About you',
    body: html`<form method="post" action="${action}">
      ${
        allowed.includes('name') &&
        html`<div class="field">
          <label for="name">Name</label>
          <input class="input" id="name" name="name" data-testid="name" value="${customer.name}" />
        </div>`
      }
      ${
        allowed.includes('email') &&
        html`<div class="field">
          <label for="email">Email</label>
          <input
            class="input"
            id="email"
            name="email"
            type="email"
            data-testid="email"
            value="${customer.email}"
          />
        </div>`
      }
      <button class="button" name="step" value="details" data-testid="save-details">Save</button>
    </form>`,
  }
}

async function cancelView(
  reading: Reading,
  visit: PortalVisit,
  subscription: Subscription,
  action: string,
): Promise<{ title: string; body: Html }> {
  const terms = visit.configuration.features.subscription_cancel
  const name = await productName(reading, firstItem(subscription).price)
  const until = longDay(periodOf(subscription).end)
  return {
    title: `Cancel ${name}`,
    body: html`<p data-testid="cancel-terms">
        ${
          terms.mode === 'immediately'
            ? 'Your plan ends at once.'
            : `Your plan stays until ${until} and then ends.`
        }
      </p>
      <form method="post" action="${action}">
        <input type="hidden" name="subscription" value="${subscription.id}" />
        ${
          terms.cancellation_reason.enabled &&
          html`<div class="field">
              <label for="feedback">Why?</label>
              <select class="input" id="feedback" name="feedback" data-testid="feedback">
                <option value="">I would rather not say</option>
                ${terms.cancellation_reason.options.map(
                  (one) => html`<option value="${one}">${FEEDBACK_WORDS[one]}</option>`,
                )}
              </select>
            </div>
            <div class="field">
              <label for="comment">Anything else?</label>
              <input class="input" id="comment" name="comment" data-testid="comment" />
            </div>`
        }
        <button class="button" name="step" value="cancel" data-testid="confirm-cancel">
          Cancel plan
        </button>
      </form>`,
  }
}

async function changeView(
  work: Work,
  visit: PortalVisit,
  subscription: Subscription,
  query: URLSearchParams,
  action: string,
): Promise<{ title: string; body: Html }> {
  const confirm = visit.session.flow?.subscription_update_confirm?.items[0]?.price ?? null
  const chosen = query.get('price') ?? (visit.door.isDone ? null : confirm)
  const choices: Html[] = []
  for (const id of offeredPrices(visit)) {
    const price = await work.get('price', id)
    if (price === undefined || id === firstItem(subscription).price.id) continue
    choices.push(
      html`<li>
        <span class="what">${await productName(work, price)}, ${priceInWords(price)}</span>
        <a
          href="${action}?view=change&subscription=${subscription.id}&price=${id}"
          data-testid="choose-${id}"
          >Choose</a
        >
      </li>`,
    )
  }
  if (chosen === null || !offeredPrices(visit).includes(chosen))
    return {
      title: 'Change your plan',
      body: html`<ul class="lines">
        ${choices}
      </ul>`,
    }
  const price = await work.named('price', chosen, 'price')
  const cost = await costInPortal(work, visit, subscription.id, chosen)
  return {
    title: 'Confirm your new plan',
    body: html`<p>${await productName(work, price)}, ${priceInWords(price)}</p>
      <p data-testid="due-now">
        ${
          cost === null
            ? 'Nothing is due now; your next invoice shows the change.'
            : `Due now: ${formatMoney(cost, price.currency)}`
        }
      </p>
      <form method="post" action="${action}">
        <input type="hidden" name="subscription" value="${subscription.id}" />
        <input type="hidden" name="price" value="${chosen}" />
        <button class="button" name="step" value="change" data-testid="confirm-change">
          Confirm
        </button>
      </form>`,
  }
}
