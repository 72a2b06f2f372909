import type { CheckoutOutcome } from '../engine/checkout-payment.ts'
import type { CheckoutSession } from '../engine/checkout-sessions.ts'
import type { LineItem } from '../engine/line-items.ts'
import type { Reading } from '../engine/work.ts'
import type { ApiRequest } from '../http/api.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Mistake, Typed } from './checkout-entry.ts'
import { paySession } from '../engine/checkout-payment.ts'
import { formatMoney } from '../engine/currencies.ts'
import { decodeForm } from '../http/form.ts'
import { entryOf, typedIn } from './checkout-entry.ts'
import { checkoutForm, EMPTY, filledWith } from './checkout-form.ts'
import { html } from './html.ts'
import { BANNER, page, redirect } from './layout.ts'
import { messagePage, nothingHere } from './message-page.ts'
import { pathPrefix } from './path-prefix.ts'

/** The hosted payment page of a session. */
export async function answerCheckoutPage(
  sandbox: Sandbox,
  request: ApiRequest,
  id: string,
): Promise<HttpAnswer> {
  const account = await sandbox.store.accountOf('checkout.session', id)
  if (account === undefined) return nothingHere()
  return request.method === 'POST'
    ? submit(sandbox, request, account, id)
    : show(sandbox, request, account, id)
}

async function show(
  sandbox: Sandbox,
  request: ApiRequest,
  account: string,
  id: string,
): Promise<HttpAnswer> {
  const reading = await sandbox.reading(account)
  const session = await reading.atPath('checkout.session', id, 'session')
  const query = new URLSearchParams(request.query)
  const fill = query.get('fill')
  return form(
    sandbox,
    reading,
    session,
    fill === null ? EMPTY : filledWith(fill, reading.nowMs),
    query.has('declined') ? await lastProblem(reading, session) : undefined,
  )
}

async function submit(
  sandbox: Sandbox,
  request: ApiRequest,
  account: string,
  id: string,
): Promise<HttpAnswer> {
  const typed = typedIn(decodeForm(request.body))
  const outcome = await sandbox.change(
    account,
    { id: request.id, idempotencyKey: null },
    async (work): Promise<CheckoutOutcome | { kind: 'mistake'; mistake: Mistake }> => {
      const session = await work.atPath('checkout.session', id, 'session')
      if (session.status !== 'open') return { kind: 'closed', session }
      const read = entryOf(session, typed, work.now)
      return read.ok
        ? paySession(work, session, read.entry)
        : { kind: 'mistake', mistake: read.mistake }
    },
  )
  const reading = await sandbox.reading(account)
  const session = await reading.atPath('checkout.session', id, 'session')
  if (outcome.kind === 'mistake') return form(sandbox, reading, session, typed, outcome.mistake)
  if (outcome.kind === 'declined')
    return form(
      sandbox,
      reading,
      session,
      { ...typed, cvc: '' },
      {
        field: typed.method === 'card' ? 'number' : 'bank',
        message: outcome.message,
      },
    )
  return afterPaying(sandbox, outcome)
}

/** Where the browser goes when the form was taken. */
export function afterPaying(sandbox: Sandbox, outcome: CheckoutOutcome): HttpAnswer {
  const { session } = outcome
  if (outcome.kind === 'authenticate')
    return redirect(outcome.url.replace(sandbox.settings.publicUrl, pathPrefix(sandbox)))
  if (session.status === 'complete') return redirect(successUrl(session))
  const query = outcome.kind === 'declined' ? '?declined=1' : ''
  return redirect(`${pathPrefix(sandbox)}/c/pay/${session.id}${query}`)
}

export function successUrl(session: CheckoutSession): string {
  return session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id)
}

async function lastProblem(
  reading: Reading,
  session: CheckoutSession,
): Promise<Mistake | undefined> {
  if (session.payment_intent === null) return undefined
  const intent = await reading.get('payment_intent', session.payment_intent)
  const message = intent?.last_payment_error?.message
  return message === undefined ? undefined : { field: 'number', message }
}

async function form(
  sandbox: Sandbox,
  reading: Reading,
  session: CheckoutSession,
  typed: Typed,
  mistake: Mistake | undefined,
): Promise<HttpAnswer> {
  if (session.status === 'complete') return completePage(session)
  if (session.status === 'expired' || reading.now >= session.expires_at) return expiredPage(session)
  const record = await reading.get('_checkout', session.id)
  const action = `${pathPrefix(sandbox)}/c/pay/${session.id}`
  return page({
    status: mistake === undefined ? 200 : 402,
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
        <section class="summary">${summary(session, record?.lineItems ?? [])}</section>
        <section class="pay">${checkoutForm({ session, typed, mistake, action })}</section>
        <p class="foot">
          This page stands in for Stripe's checkout. Use test cards only: what you type is kept by
          the sandbox, never sent to a bank.
        </p>
      </main>`,
  })
}

function summary(session: CheckoutSession, lines: readonly LineItem[]): ReturnType<typeof html> {
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
            <span class="num">${formatMoney(line.amount_total, line.currency)}</span>
            ${
              line.quantity > 1 &&
              html`<span class="each"
                >${line.quantity} ×
                ${formatMoney(Math.round(line.amount_total / line.quantity), line.currency)}</span
              >`
            }
          </li>`,
      )}
      ${
        lines.length > 1 &&
        html`<li class="total"><span>Total due</span><span class="num">${total}</span></li>`
      }
    </ul>`
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
    link:
      session.cancel_url === null
        ? undefined
        : { url: session.cancel_url, label: 'Back to the shop', testId: 'cancel-link' },
  })
}
