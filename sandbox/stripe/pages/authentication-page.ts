import type { PaymentIntent } from '../engine/objects/payment-intent.ts'
import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import { answerForSession } from '../engine/checkout-payment.ts'
import { formatMoney } from '../engine/currencies.ts'
import { answerAuthentication } from '../engine/payment-attempt.ts'
import { isSame } from '../http/authenticate.ts'
import { decodeForm } from '../http/form.ts'
import { afterPaying } from './checkout-page.ts'
import { html } from './html.ts'
import { BANNER, page, redirect } from './layout.ts'
import { messagePage, nothingHere } from './message-page.ts'
import { pathPrefix } from './path-prefix.ts'

/** The bank's question (3D Secure): the buyer says yes or no. */
export async function answerAuthenticationPage(
  sandbox: Sandbox,
  request: ApiRequest,
  id: string,
): Promise<HttpAnswer> {
  const account = await sandbox.store.accountOf('payment_intent', id)
  if (account === undefined) return nothingHere()
  const form = decodeForm(request.method === 'POST' ? request.body : request.query)
  const secret = form['client_secret']
  const reading = await sandbox.reading(account)
  const intent = await reading.atPath('payment_intent', id, 'intent')
  if (typeof secret !== 'string' || !isSame(secret, intent.client_secret)) return nothingHere()
  const record = await reading.get('_intent', id)
  const session =
    record?.session == null ? undefined : await reading.get('checkout.session', record.session)
  if (request.method === 'POST')
    return answered(sandbox, request, account, id, form['answer'] === 'complete')
  if (intent.status !== 'requires_action')
    return messagePage({
      title: 'Your bank has its answer',
      text: ['There is nothing left to confirm here. Go back to the shop.'],
    })
  const last4 = await lastFour(sandbox, account, intent)
  return page({
    title: 'Confirm your payment',
    leadsTo: [session?.success_url ?? null, record?.returnUrl ?? null],
    body: html`${BANNER}
      <main class="single">
        <h1>Confirm your payment</h1>
        <p>Your bank wants to know that it is you. This stands in for its 3D Secure page.</p>
        <dl class="facts">
          <div>
            <dt>Amount</dt>
            <dd>${formatMoney(intent.amount, intent.currency)}</dd>
          </div>
          <div>
            <dt>Card</dt>
            <dd>ending in ${last4}</dd>
          </div>
        </dl>
        <form method="post" action="${pathPrefix(sandbox)}/3ds/${intent.id}">
          <input type="hidden" name="client_secret" value="${intent.client_secret}" />
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

async function answered(
  sandbox: Sandbox,
  request: ApiRequest,
  account: string,
  id: string,
  isPassed: boolean,
): Promise<HttpAnswer> {
  return sandbox.change(account, { id: request.id, idempotencyKey: null }, async (work) => {
    const intent = await work.atPath('payment_intent', id, 'intent')
    const record = await work.get('_intent', id)
    if (record?.session != null) {
      const session = await work.named('checkout.session', record.session, 'session')
      // The answer was already given (a second click): what came of it is shown.
      if (intent.status !== 'requires_action')
        return afterPaying(sandbox, { kind: 'closed', session })
      return afterPaying(sandbox, await answerForSession(work, session, intent, isPassed))
    }
    const after =
      intent.status === 'requires_action'
        ? (await answerAuthentication(work, intent, isPassed)).intent
        : intent
    return record?.returnUrl == null
      ? messagePage({
          title: after.status === 'succeeded' ? 'Payment confirmed' : 'Payment refused',
          text: ['You can close this page.'],
        })
      : redirect(returnUrl(record.returnUrl, after))
  })
}

/** The program's address with what Stripe adds to it. */
function returnUrl(url: string, intent: PaymentIntent): string {
  const target = new URL(url)
  target.searchParams.set('payment_intent', intent.id)
  target.searchParams.set('payment_intent_client_secret', intent.client_secret)
  target.searchParams.set(
    'redirect_status',
    intent.status === 'succeeded' || intent.status === 'requires_capture' ? 'succeeded' : 'failed',
  )
  return target.href
}

async function lastFour(sandbox: Sandbox, account: string, intent: PaymentIntent): Promise<string> {
  if (intent.payment_method === null) return '····'
  const reading = await sandbox.reading(account)
  const method = await reading.get('payment_method', intent.payment_method)
  return method?.card?.last4 ?? '····'
}
