import type { CheckoutOutcome } from '../engine/checkout-payment.ts'
import type { CheckoutSession } from '../engine/objects/checkout-session.ts'
import type { Reading } from '../engine/work.ts'
import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import type { FormTree } from '../http/form.ts'
import type { Mistake } from './checkout-entry.ts'
import { applyPromotionCode } from '../engine/checkout-promotion.ts'
import { paySession } from '../engine/checkout-payment.ts'
import { decodeForm } from '../http/form.ts'
import { entryOf, typedIn } from './checkout-entry.ts'
import { EMPTY, filledWith } from './checkout-form.ts'
import { sessionPage, successUrl } from './checkout-view.ts'
import { redirect } from './layout.ts'
import { nothingHere } from './message-page.ts'
import { pathPrefix } from './path-prefix.ts'

/** The form was sent and not taken. */
const REFUSED = 402

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
  return sessionPage(
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
  const form = decodeForm(request.body)
  if (form['step'] === 'apply_code' || form['step'] === 'drop_code')
    return changeCode(sandbox, request, account, id, form)
  const typed = typedIn(form)
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
  if (outcome.kind === 'mistake')
    return sessionPage(sandbox, reading, session, typed, outcome.mistake, REFUSED)
  if (outcome.kind === 'declined')
    return sessionPage(
      sandbox,
      reading,
      session,
      { ...typed, cvc: '' },
      {
        field: typed.method === 'card' ? 'number' : 'bank',
        message: outcome.message,
      },
      REFUSED,
    )
  return afterPaying(sandbox, outcome)
}

/** The buyer applies a promotion code, or takes it away. */
async function changeCode(
  sandbox: Sandbox,
  request: ApiRequest,
  account: string,
  id: string,
  form: FormTree,
): Promise<HttpAnswer> {
  const typed = form['promotion_code']
  const code = form['step'] === 'drop_code' ? null : typeof typed === 'string' ? typed : ''
  const outcome = await sandbox.change(
    account,
    { id: request.id, idempotencyKey: null },
    async (work) =>
      applyPromotionCode(work, await work.atPath('checkout.session', id, 'session'), code),
  )
  if (outcome.ok) return redirect(`${pathPrefix(sandbox)}/c/pay/${id}`)
  const reading = await sandbox.reading(account)
  const session = await reading.atPath('checkout.session', id, 'session')
  return sessionPage(sandbox, reading, session, EMPTY, undefined, REFUSED, outcome.message)
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

async function lastProblem(
  reading: Reading,
  session: CheckoutSession,
): Promise<Mistake | undefined> {
  const record = await reading.get('_checkout', session.id)
  const setup = session.setup_intent ?? record?.setupIntent
  const intent = session.payment_intent ?? record?.paymentIntent
  const message =
    setup === undefined
      ? intent === undefined
        ? undefined
        : (await reading.get('payment_intent', intent))?.last_payment_error?.message
      : (await reading.get('setup_intent', setup))?.last_setup_error?.message
  return message === undefined ? undefined : { field: 'number', message }
}
