import type { PortalVisit } from '../engine/portal.ts'
import type { Feedback } from '../engine/objects/subscription.ts'
import type { Work } from '../engine/work.ts'
import type { FormTree } from '../http/form.ts'
import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import { ApiError } from '../api-error.ts'
import { isEmail } from '../engine/email.ts'
import { FEEDBACK } from '../engine/objects/subscription.ts'
import { cardMethod, NO_BILLING_DETAILS } from '../engine/payment-method.ts'
import {
  cancelInPortal,
  changeDetails,
  changeInPortal,
  exchangeCard,
  markDone,
  markUsed,
  portalAt,
  renewInPortal,
} from '../engine/portal.ts'
import { setupUrl } from '../engine/setup-intent.ts'
import { decodeForm } from '../http/form.ts'
import { cardOf, typedIn } from './checkout-entry.ts'
import { redirect } from './layout.ts'
import { messagePage, nothingHere } from './message-page.ts'
import { pathPrefix } from './path-prefix.ts'
import { portalView, type PortalProblem, type ViewName } from './portal-views.ts'

const REFUSED = 402

/** The customer portal: what a customer does with plans, cards and invoices. */
export async function answerPortalPage(
  sandbox: Sandbox,
  request: ApiRequest,
  door: string,
): Promise<HttpAnswer> {
  const account = await sandbox.store.accountOf('_portal_door', door)
  if (account === undefined) return nothingHere()
  const origin = { id: request.id, idempotencyKey: null }
  return sandbox.change(account, origin, async (work) => {
    const visit = await portalAt(work, door)
    if (visit === undefined)
      return messagePage({
        status: 410,
        title: 'This page has closed',
        text: ['Go back to the shop and open it again from there.'],
      })
    markUsed(work, visit.door)
    if (request.method === 'POST') return act(sandbox, work, visit, decodeForm(request.body))
    if (visit.session.flow !== null && visit.door.isDone && onlyFlow(visit)) return flowDone(visit)
    const query = new URLSearchParams(request.query)
    return portalView(sandbox, work, visit, viewOf(visit, query), query)
  })
}

/** A session made for one thing shows that thing, until it is done. */
function viewOf(visit: PortalVisit, query: URLSearchParams): ViewName {
  const { flow } = visit.session
  if (flow !== null && !visit.door.isDone) {
    if (flow.type === 'payment_method_update') return 'card'
    return flow.type === 'subscription_cancel' ? 'cancel' : 'change'
  }
  const asked = query.get('view')
  const known = ['card', 'cancel', 'change', 'details'] as const
  return known.find((one) => one === asked) ?? 'home'
}

/** Whether a session shows its flow and nothing else, even when that is done. */
function onlyFlow({ session }: PortalVisit): boolean {
  return session.flow !== null && session.flow.after_completion.type !== 'portal_homepage'
}

function flowDone({ session }: PortalVisit): HttpAnswer {
  const after = session.flow?.after_completion
  return messagePage({
    title: 'Done',
    text: [after?.hosted_confirmation?.custom_message ?? 'Everything went well.'],
    link:
      session.return_url === null
        ? undefined
        : { url: session.return_url, label: 'Return to the shop', testId: 'return' },
  })
}

async function act(
  sandbox: Sandbox,
  work: Work,
  visit: PortalVisit,
  form: FormTree,
): Promise<HttpAnswer> {
  const text = (name: string): string => {
    const value = form[name]
    return typeof value === 'string' ? value.trim().slice(0, 500) : ''
  }
  const subscription = text('subscription')
  const again = (problem: PortalProblem, view: ViewName): Promise<HttpAnswer> =>
    portalView(sandbox, work, visit, view, new URLSearchParams({ subscription }), problem)
  switch (text('step')) {
    case 'cancel': {
      const feedback = FEEDBACK.find((one): one is Feedback => one === text('feedback')) ?? null
      const comment = text('comment') === '' ? null : text('comment')
      await cancelInPortal(work, visit, subscription, { feedback, comment })
      return done(sandbox, work, visit)
    }
    case 'renew':
      await renewInPortal(work, visit, subscription)
      return redirect(home(sandbox, visit))
    case 'change':
      await changeInPortal(work, visit, subscription, text('price'))
      return done(sandbox, work, visit)
    case 'details': {
      const email = text('email')
      if (email !== '' && !isEmail(email))
        return again({ message: 'Your email address is incomplete.' }, 'details')
      await changeDetails(work, visit, {
        ...(email === '' ? {} : { email }),
        ...(form['name'] === undefined ? {} : { name: text('name') }),
      })
      return redirect(home(sandbox, visit))
    }
    case 'card': {
      const typed = typedIn(form)
      const read = cardOf(typed, work.now)
      if (!read.ok) return again({ ...read.mistake, typed, status: REFUSED }, 'card')
      const { card, expMonth, expYear } = read.method
      const method = cardMethod(work, card, {
        billing: { ...NO_BILLING_DETAILS, email: visit.customer.email, name: visit.customer.name },
        expMonth,
        expYear,
      })
      const outcome = await exchangeCard(work, visit, method)
      if (outcome.result === 'declined')
        return again(
          { field: 'number', message: outcome.error.message, typed, status: REFUSED },
          'card',
        )
      if (outcome.result === 'requires_action')
        return redirect(
          setupUrl(work, outcome.setup).replace(sandbox.settings.publicUrl, pathPrefix(sandbox)),
        )
      return done(sandbox, work, visit)
    }
    default:
      throw new ApiError(400, {
        type: 'invalid_request_error',
        message: 'That form is not of this page.',
      })
  }
}

function home(sandbox: Sandbox, visit: PortalVisit): string {
  return `${pathPrefix(sandbox)}/p/session/${visit.door.id}`
}

/** What was to be done is done: back to the portal, or where the session's flow leads. */
function done(sandbox: Sandbox, work: Work, visit: PortalVisit): HttpAnswer {
  const { flow } = visit.session
  if (flow === null) return redirect(home(sandbox, visit))
  markDone(work, visit.door)
  return redirect(flow.after_completion.redirect?.return_url ?? home(sandbox, visit))
}

/** The bank's answer about a card that is exchanged in a portal: where the browser goes then. */
export async function afterExchange(
  sandbox: Sandbox,
  work: Work,
  door: string,
  isSaved: boolean,
): Promise<HttpAnswer> {
  const visit = await portalAt(work, door)
  if (visit === undefined)
    return messagePage({ title: isSaved ? 'Card confirmed' : 'Card refused', text: [] })
  if (isSaved) return done(sandbox, work, visit)
  return redirect(`${home(sandbox, visit)}?view=card&declined=1`)
}
