import type { PaymentIntent } from '../engine/objects/payment-intent.ts'
import type { SetupIntent } from '../engine/objects/setup-intent.ts'
import type { Reading, Work } from '../engine/work.ts'
import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import { conclude } from '../engine/billing/invoice-collection.ts'
import { answerForSession } from '../engine/checkout-payment.ts'
import { formatMoney } from '../engine/currencies.ts'
import { answerAuthentication } from '../engine/payment-attempt.ts'
import { useCard } from '../engine/portal.ts'
import { answerSetup } from '../engine/setup-intent.ts'
import { isSame } from '../http/authenticate.ts'
import { decodeForm } from '../http/form.ts'
import { afterPaying } from './checkout-page.ts'
import { html } from './html.ts'
import { BANNER, page, redirect } from './layout.ts'
import { messagePage, nothingHere } from './message-page.ts'
import { pathPrefix } from './path-prefix.ts'
import { afterExchange } from './portal-page.ts'

/** What the bank asks about: money to be taken, or a card to be saved. */
type Asked = PaymentIntent | SetupIntent

/** What stands behind it: where the answer leads. */
type Behind = {
  session: string | null
  invoice: string | null
  portal: string | null
  returnUrl: string | null
}

/** The bank's question (3D Secure): the buyer says yes or no. */
export async function answerAuthenticationPage(
  sandbox: Sandbox,
  request: ApiRequest,
  id: string,
): Promise<HttpAnswer> {
  const kind = id.startsWith('seti_') ? 'setup_intent' : 'payment_intent'
  const account = await sandbox.store.accountOf(kind, id)
  if (account === undefined) return nothingHere()
  const form = decodeForm(request.method === 'POST' ? request.body : request.query)
  const secret = form['client_secret']
  const reading = await sandbox.reading(account)
  const asked = await reading.atPath(kind, id, 'intent')
  if (typeof secret !== 'string' || !isSame(secret, asked.client_secret)) return nothingHere()
  if (request.method === 'POST')
    return answered(sandbox, request, account, asked, form['answer'] === 'complete')
  if (asked.status !== 'requires_action')
    return messagePage({
      title: 'Your bank has its answer',
      text: ['There is nothing left to confirm here. Go back to the shop.'],
    })
  const behind = await behindOf(reading, asked)
  const session =
    behind.session === null ? undefined : await reading.get('checkout.session', behind.session)
  return question(sandbox, asked, await lastFour(reading, asked), [
    session?.success_url ?? null,
    behind.returnUrl,
  ])
}

function question(
  sandbox: Sandbox,
  asked: Asked,
  last4: string,
  leadsTo: readonly (string | null)[],
): HttpAnswer {
  const isPayment = asked.object === 'payment_intent'
  const title = isPayment ? 'Confirm your payment' : 'Confirm your card'
  return page({
    title,
    leadsTo,
    body: html`${BANNER}
      <main class="single">
        <h1>${title}</h1>
        <p>Your bank wants to know that it is you. This stands in for its 3D Secure page.</p>
        <dl class="facts">
          ${
            isPayment &&
            html`<div>
              <dt>Amount</dt>
              <dd>${formatMoney(asked.amount, asked.currency)}</dd>
            </div>`
          }
          <div>
            <dt>Card</dt>
            <dd>ending in ${last4}</dd>
          </div>
        </dl>
        <form method="post" action="${pathPrefix(sandbox)}/3ds/${asked.id}">
          <input type="hidden" name="client_secret" value="${asked.client_secret}" />
          <p class="row">
            <button class="button" name="answer" value="complete" data-testid="3ds-complete">
              Yes, it is me
            </button>
            <button class="button quiet" name="answer" value="fail" data-testid="3ds-fail">
              No, refuse it
            </button>
          </p>
        </form>
      </main>`,
  })
}

async function behindOf(reading: Reading, asked: Asked): Promise<Behind> {
  if (asked.object === 'setup_intent') {
    const record = await reading.get('_setup', asked.id)
    return {
      session: record?.session ?? null,
      invoice: null,
      portal: record?.portal ?? null,
      returnUrl: record?.returnUrl ?? null,
    }
  }
  const record = await reading.get('_intent', asked.id)
  return {
    session: record?.session ?? null,
    invoice: record?.invoice ?? null,
    portal: null,
    returnUrl: record?.returnUrl ?? null,
  }
}

async function answered(
  sandbox: Sandbox,
  request: ApiRequest,
  account: string,
  { object, id }: Asked,
  isPassed: boolean,
): Promise<HttpAnswer> {
  return sandbox.change(account, { id: request.id, idempotencyKey: null }, async (work) => {
    const asked = await work.atPath(object, id, 'intent')
    const behind = await behindOf(work, asked)
    const isOpen = asked.status === 'requires_action'
    const session =
      behind.session === null
        ? undefined
        : await work.named('checkout.session', behind.session, 'session')
    // A session's payment that was made and has an invoice is the invoice's from then on.
    if (session !== undefined && (session.status === 'open' || behind.invoice === null)) {
      // The answer was already given (a second click): what came of it is shown.
      if (!isOpen) return afterPaying(sandbox, { kind: 'closed', session })
      return afterPaying(sandbox, await answerForSession(work, session, asked, isPassed))
    }
    const after = isOpen ? await answerAlone(work, asked, behind, isPassed) : asked
    if (behind.portal !== null)
      return afterExchange(sandbox, work, behind.portal, after.status === 'succeeded')
    return leave(sandbox, work, after, behind)
  })
}

async function answerAlone(
  accountWork: Work,
  asked: Asked,
  behind: Behind,
  isPassed: boolean,
): Promise<Asked> {
  const work = await byClockOf(accountWork, asked)
  if (asked.object === 'setup_intent') {
    const { setup } = await answerSetup(work, asked, isPassed)
    if (behind.portal !== null) await useCard(accountWork, setup)
    return setup
  }
  const outcome = await answerAuthentication(work, asked, isPassed)
  if (behind.invoice !== null) await conclude(work, behind.invoice, outcome)
  return outcome.intent
}

async function byClockOf(work: Work, asked: Asked): Promise<Work> {
  const customer = asked.customer === null ? undefined : await work.get('customer', asked.customer)
  return customer === undefined || 'deleted' in customer ? work : work.onClock(customer.test_clock)
}

async function leave(
  sandbox: Sandbox,
  reading: Reading,
  after: Asked,
  behind: Behind,
): Promise<HttpAnswer> {
  if (behind.invoice !== null) {
    const record = await reading.get('_invoice', behind.invoice)
    if (record !== undefined) return redirect(`${pathPrefix(sandbox)}/i/${record.door}`)
  }
  if (behind.returnUrl !== null) return redirect(returnUrl(behind.returnUrl, after))
  const what = after.object === 'payment_intent' ? 'Payment' : 'Card'
  return messagePage({
    title: `${what} ${after.status === 'succeeded' ? 'confirmed' : 'refused'}`,
    text: ['You can close this page.'],
  })
}

/** The program's address with what Stripe adds to it. */
function returnUrl(url: string, asked: Asked): string {
  const target = new URL(url)
  target.searchParams.set(asked.object, asked.id)
  target.searchParams.set(`${asked.object}_client_secret`, asked.client_secret)
  target.searchParams.set(
    'redirect_status',
    asked.status === 'succeeded' || asked.status === 'requires_capture' ? 'succeeded' : 'failed',
  )
  return target.href
}

async function lastFour(reading: Reading, asked: Asked): Promise<string> {
  if (asked.payment_method === null) return '····'
  const method = await reading.get('payment_method', asked.payment_method)
  return method?.card?.last4 ?? '····'
}
