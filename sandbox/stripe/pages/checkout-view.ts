import type { CheckoutSession } from '../engine/objects/checkout-session.ts'
import type { AppliedDiscount } from '../engine/objects/discount.ts'
import type { LineItem } from '../engine/objects/line-item.ts'
import type { Reading } from '../engine/work.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Mistake, Typed } from './checkout-entry.ts'
import { formatMoney } from '../engine/currencies.ts'
import { discountProblem } from '../engine/discounts.ts'
import { moneyOf } from '../engine/session-money.ts'
import { checkoutForm } from './checkout-form.ts'
import type { RenewalWords } from './checkout-words.ts'
import { pageTitle, renewalWords } from './checkout-words.ts'
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
  codeProblem?: string,
): Promise<HttpAnswer> {
  if (session.status === 'complete') return completePage(session)
  if (session.status === 'expired' || reading.now >= session.expires_at) return expiredPage(session)
  const record = await reading.get('_checkout', session.id)
  const action = `${pathPrefix(sandbox)}/c/pay/${session.id}`
  if ((await discountProblem(reading, record?.discount)) !== undefined) return stalePage(session)
  const words = renewalWords(session, record, reading.now)
  return page({
    status,
    title: `${pageTitle(session, words)} - ${shopName(session)}`,
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
          ${summary(session, record?.lineItems ?? [], record?.discount, words)}
          ${
            session.allow_promotion_codes === true &&
            promotionForm(action, record?.discount, codeProblem)
          }
        </section>
        <section class="pay">${checkoutForm({ session, typed, mistake, action, words })}</section>
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
  words: RenewalWords | undefined,
): Html {
  const { total: amount, currency } = moneyOf(session)
  const total = formatMoney(amount, currency)
  if (session.mode === 'setup')
    return html`<div class="due">
      <h1>Save a card</h1>
      <p>Nothing is charged now.</p>
    </div>`
  const heading = words?.trial ?? (amount === 0 ? 'Nothing to pay' : 'Amount due')
  return html`<div class="due">
      <h1 data-testid="heading">${heading}</h1>
      <p class="amount">${total}</p>
      ${words !== undefined && html`<p class="note" data-testid="renewal">${words.renewal}</p>`}
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
  const { currency, subtotal, discount: taken } = moneyOf(session)
  const off = formatMoney(-taken, currency)
  return html`<li data-testid="subtotal">
      <span>Subtotal</span>
      <span class="num">${formatMoney(subtotal, currency)}</span>
    </li>
    <li data-testid="discount">
      <span class="what">${discount.title}</span>
      <span class="num good">${off}</span>
    </li>`
}

/** Where a buyer types a code, or takes it away again. */
function promotionForm(
  action: string,
  discount: AppliedDiscount | undefined,
  problem: string | undefined,
): Html {
  return html`<form method="post" action="${action}" class="promotion">
    ${
      problem !== undefined &&
      html`<p class="problem" role="alert" data-testid="code-error">${problem}</p>`
    }
    ${
      discount?.promotionCode == null
        ? html`<div class="field">
              <label for="promotion-code">Promotion code</label>
              <input
                class="input"
                id="promotion-code"
                name="promotion_code"
                autocomplete="off"
                data-testid="promotion-code"
              />
            </div>
            <button class="button quiet" name="step" value="apply_code" data-testid="apply-code">
              Apply
            </button>`
        : html`<button class="button quiet" name="step" value="drop_code" data-testid="drop-code">
            Remove the code
          </button>`
    }
  </form>`
}

/** The seller, as far as the sandbox knows: the host the buyer returns to. */
function shopName(session: CheckoutSession): string {
  return new URL(session.success_url.replaceAll(/[{}]/g, '')).host
}

function completePage(session: CheckoutSession): HttpAnswer {
  const isPaid = session.payment_status !== 'unpaid'
  if (session.mode !== 'payment' && isPaid)
    return messagePage({
      title: session.mode === 'setup' ? 'Your card is saved' : 'You are subscribed',
      text: ['Everything went well. Doing it again is not possible and not needed.'],
      link: { url: successUrl(session), label: 'Continue to the shop' },
    })
  const { total, currency } = moneyOf(session)
  return messagePage({
    title: isPaid ? 'This order is paid' : 'Your payment is on its way',
    text: [
      isPaid
        ? 'Everything went well. Paying again is not possible and not needed.'
        : 'Your bank needs a few days to send the money. Paying again is not needed.',
    ],
    facts: [
      { name: 'Amount', value: formatMoney(total, currency) },
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
