import type { CheckoutSession } from '../engine/objects/checkout-session.ts'
import type { AppliedDiscount } from '../engine/objects/discount.ts'
import type { LineItem } from '../engine/objects/line-item.ts'
import type { Reading } from '../engine/work.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Mistake, Typed } from './checkout-entry.ts'
import { formatMoney } from '../engine/currencies.ts'
import { discountProblem } from '../engine/discounts.ts'
import { checkoutForm } from './checkout-form.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { BANNER, page } from './layout.ts'
import { messagePage } from './message-page.ts'
import { pathPrefix } from './path-prefix.ts'

/** What a session looks like now: the form, or how it ended. */
export async function sessionPage(
  sandbox: Sandbox,
  reading: Reading,
  session: CheckoutSession,
  typed: Typed,
  mistake: Mistake | undefined,
  status = 200,
): Promise<HttpAnswer> {
  if (session.status === 'complete') return completePage(session)
  if (session.status === 'expired' || reading.now >= session.expires_at) return expiredPage(session)
  const record = await reading.get('_checkout', session.id)
  const action = `${pathPrefix(sandbox)}/c/pay/${session.id}`
  if ((await discountProblem(reading, record?.discount)) !== undefined) return stalePage(session)
  return page({
    status,
    title: `Pay ${formatMoney(session.amount_total, session.currency)} - ${shopName(session)}`,
    leadsTo: [session.success_url, session.cancel_url],
    body: html`${BANNER}
      <main class="checkout">
        <p class="shop">
          ${
            session.cancel_url !== null &&
            html`<a href="${session.cancel_url}" data-testid="cancel-link">← Back</a>`
          }
          <strong>${shopName(session)}</strong>
        </p>
        <section class="summary">
          ${summary(session, record?.lineItems ?? [], record?.discount)}
        </section>
        <section class="pay">${checkoutForm({ session, typed, mistake, action })}</section>
        <p class="foot">
          This page stands in for Stripe's checkout. Use test cards only: what you type is kept by
          the sandbox, never sent to a bank.
        </p>
      </main>`,
  })
}

function summary(
  session: CheckoutSession,
  lines: readonly LineItem[],
  discount: AppliedDiscount | undefined,
): Html {
  const total = formatMoney(session.amount_total, session.currency)
  return html`<div class="due">
      <h1>${session.amount_total === 0 ? 'Nothing to pay' : 'Amount due'}</h1>
      <p class="amount">${total}</p>
    </div>
    <ul class="lines">
      ${lines.map(
        (line) =>
          html`<li>
            <span class="what">${line.description}</span>
            <span class="num">${formatMoney(line.amount_subtotal, line.currency)}</span>
            ${
              line.quantity > 1 &&
              html`<span class="each"
                >${line.quantity} ×
                ${formatMoney(Math.round(line.amount_subtotal / line.quantity), line.currency)}</span
              >`
            }
          </li>`,
      )}
      ${discount !== undefined && discountRows(session, discount)}
      ${
        (lines.length > 1 || discount !== undefined) &&
        html`<li class="total" data-testid="total">
          <span>Total due</span><span class="num">${total}</span>
        </li>`
      }
    </ul>`
}

function discountRows(session: CheckoutSession, discount: AppliedDiscount): Html {
  const off = formatMoney(-session.total_details.amount_discount, session.currency)
  return html`<li data-testid="subtotal">
      <span>Subtotal</span>
      <span class="num">${formatMoney(session.amount_subtotal, session.currency)}</span>
    </li>
    <li data-testid="discount">
      <span class="what">${discount.title}</span>
      <span class="num good">${off}</span>
    </li>`
}

/** The seller, as far as the sandbox knows: the host the buyer returns to. */
function shopName(session: CheckoutSession): string {
  return new URL(session.success_url.replaceAll(/[{}]/g, '')).host
}

function completePage(session: CheckoutSession): HttpAnswer {
  const isPaid = session.payment_status !== 'unpaid'
  return messagePage({
    title: isPaid ? 'This order is paid' : 'Your payment is on its way',
    text: [
      isPaid
        ? 'Everything went well. Paying again is not possible and not needed.'
        : 'Your bank needs a few days to send the money. Paying again is not needed.',
    ],
    facts: [
      { name: 'Amount', value: formatMoney(session.amount_total, session.currency) },
      { name: 'To', value: shopName(session) },
    ],
    link: { url: successUrl(session), label: 'Continue to the shop' },
  })
}

function expiredPage(session: CheckoutSession): HttpAnswer {
  return messagePage({
    status: 410,
    title: 'This checkout has expired',
    text: ['Nothing was charged. Go back to the shop and start again.'],
    link: backLink(session),
  })
}

/** Its coupon has run out, so the session can no longer be paid. */
function stalePage(session: CheckoutSession): HttpAnswer {
  return messagePage({
    status: 410,
    title: 'The discount can no longer be used',
    text: ['Nothing was charged. Go back to the shop and start again.'],
    link: backLink(session),
  })
}

function backLink(session: CheckoutSession): Parameters<typeof messagePage>[0]['link'] {
  return session.cancel_url === null
    ? undefined
    : { url: session.cancel_url, label: 'Back to the shop', testId: 'cancel-link' }
}

/** Where the buyer goes when all is done. */
export function successUrl(session: CheckoutSession): string {
  return session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id)
}
