import type { Invoice } from '../engine/objects/invoice.ts'
import type { Reading } from '../engine/work.ts'
import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Mistake, Typed } from './checkout-entry.ts'
import type { Html } from './html.ts'
import { collect } from '../engine/billing/invoice-collection.ts'
import { liveInvoice } from '../engine/billing/invoice.ts'
import { formatMoney } from '../engine/currencies.ts'
import { authenticationUrl } from '../engine/payment-attempt.ts'
import { cardMethod, NO_BILLING_DETAILS } from '../engine/payment-method.ts'
import { decodeForm } from '../http/form.ts'
import { cardOf, typedIn } from './checkout-entry.ts'
import { cardFields, EMPTY, filledWith, offeredCards } from './checkout-form.ts'
import { longDay } from './checkout-words.ts'
import { html } from './html.ts'
import { invoicePdf } from './invoice-pdf.ts'
import { BANNER, page, redirect } from './layout.ts'
import { nothingHere } from './message-page.ts'
import { pathPrefix } from './path-prefix.ts'

const REFUSED = 402

/** What `hosted_invoice_url` leads to: an invoice, and the way to pay it. */
export async function answerInvoicePage(
  sandbox: Sandbox,
  request: ApiRequest,
  door: string,
): Promise<HttpAnswer> {
  const account = await sandbox.store.accountOf('_invoice_door', door)
  if (account === undefined) return nothingHere()
  if (request.method === 'POST') return pay(sandbox, request, account, door)
  const reading = await sandbox.reading(account)
  const query = new URLSearchParams(request.query)
  const fill = query.get('fill')
  return invoicePage(
    sandbox,
    await invoiceBehind(reading, door),
    door,
    fill === null ? EMPTY : filledWith(fill, reading.nowMs),
  )
}

/** What `invoice_pdf` leads to. */
export async function answerInvoicePdf(
  sandbox: Sandbox,
  _request: ApiRequest,
  door: string,
): Promise<HttpAnswer> {
  const account = await sandbox.store.accountOf('_invoice_door', door)
  if (account === undefined) return nothingHere()
  const invoice = await invoiceBehind(await sandbox.reading(account), door)
  if (invoice.status === 'draft') return nothingHere()
  return {
    status: 200,
    headers: {
      'content-type': 'application/pdf',
      'content-disposition': `inline; filename="Invoice-${invoice.number ?? invoice.id}.pdf"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
    body: invoicePdf(invoice),
  }
}

async function invoiceBehind(reading: Reading, door: string): Promise<Invoice> {
  const { invoice } = await reading.atPath('_invoice_door', door, 'invoice')
  return liveInvoice(reading, invoice, 'invoice')
}

async function pay(
  sandbox: Sandbox,
  request: ApiRequest,
  account: string,
  door: string,
): Promise<HttpAnswer> {
  const typed = typedIn(decodeForm(request.body))
  return sandbox.change(account, { id: request.id, idempotencyKey: null }, async (accountWork) => {
    const invoice = await invoiceBehind(accountWork, door)
    const here = `${pathPrefix(sandbox)}/i/${door}`
    if (invoice.status !== 'open' && invoice.status !== 'uncollectible') return redirect(here)
    const work = await accountWork.onClock(invoice.test_clock)
    const read = cardOf(typed, accountWork.now)
    if (!read.ok) return invoicePage(sandbox, invoice, door, typed, read.mistake)
    const { card, expMonth, expYear } = read.method
    const method = cardMethod(work, card, {
      billing: {
        ...NO_BILLING_DETAILS,
        email: invoice.customer_email,
        name: typed.name === '' ? invoice.customer_name : typed.name,
      },
      expMonth,
      expYear,
    })
    const outcome = await collect(work, invoice, { method, isScheduled: false })
    if (outcome.result === 'requires_action') {
      const record = await work.named('_invoice', invoice.id, 'invoice')
      const intent = await work.named('payment_intent', record.intent ?? '', 'invoice')
      const url = authenticationUrl(work, intent)
      return redirect(url.replace(sandbox.settings.publicUrl, pathPrefix(sandbox)))
    }
    if (outcome.result === 'declined')
      return invoicePage(
        sandbox,
        outcome.invoice,
        door,
        { ...typed, cvc: '' },
        {
          field: 'number',
          message: outcome.error?.message ?? 'Your card was declined.',
        },
      )
    return redirect(here)
  })
}

function invoicePage(
  sandbox: Sandbox,
  invoice: Invoice,
  door: string,
  typed: Typed,
  mistake?: Mistake,
): HttpAnswer {
  if (invoice.status === 'draft') return nothingHere()
  const action = `${pathPrefix(sandbox)}/i/${door}`
  const money = (amount: number): string => formatMoney(amount, invoice.currency)
  const isPayable = invoice.status === 'open' || invoice.status === 'uncollectible'
  return page({
    status: mistake === undefined ? 200 : REFUSED,
    title: `Invoice ${invoice.number ?? ''}`,
    body: html`${BANNER}
      <main class="checkout">
        <section class="summary">
          <div class="due">
            <h1>${isPayable ? 'Amount due' : headingOf(invoice)}</h1>
            <p class="amount" data-testid="amount">
              ${money(isPayable ? invoice.amount_remaining : invoice.total)}
            </p>
            <p class="note">
              Invoice ${invoice.number}, ${longDay(invoice.effective_at ?? invoice.created)}
            </p>
          </div>
          <ul class="lines">
            ${invoice.lines.data.map(
              (line) =>
                html`<li>
                  <span class="what">${line.description}</span>
                  <span class="num">${money(line.amount)}</span>
                </li>`,
            )}
            ${
              invoice.total !== invoice.subtotal &&
              html`<li data-testid="discount">
                <span class="what">Discount</span>
                <span class="num good">${money(invoice.total - invoice.subtotal)}</span>
              </li>`
            }
            <li class="total" data-testid="total">
              <span>Total</span><span class="num">${money(invoice.total)}</span>
            </li>
          </ul>
          <p class="row start">
            <a class="button quiet" href="${action}/pdf" data-testid="invoice-pdf">PDF</a>
          </p>
        </section>
        <section class="pay">
          ${isPayable ? payForm(action, typed, mistake) : statusPart(invoice)}
        </section>
      </main>`,
  })
}

function headingOf(invoice: Invoice): string {
  return invoice.status === 'paid' ? 'Paid' : 'Void'
}

function statusPart(invoice: Invoice): Html {
  return html`<p data-testid="invoice-status">
    ${
      invoice.status === 'paid'
        ? 'This invoice is paid. Thank you.'
        : 'This invoice was taken back: nothing is to be paid.'
    }
  </p>`
}

function payForm(action: string, typed: Typed, mistake: Mistake | undefined): Html {
  return html`<form method="post" action="${action}" novalidate>
      ${
        mistake !== undefined &&
        html`<p class="problem" role="alert" id="problem" data-testid="error">
          ${mistake.message}
        </p>`
      }
      <h2>Card</h2>
      ${cardFields(typed, mistake)}
      <button class="button wide" type="submit" data-testid="pay">Pay invoice</button>
    </form>
    ${offeredCards(action)}`
}
