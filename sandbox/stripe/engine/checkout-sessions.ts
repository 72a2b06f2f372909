import type { CheckoutSession } from './objects/checkout-session.ts'
import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { PaymentIntent } from './objects/payment-intent.ts'
import type { SetupIntent } from './objects/setup-intent.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { cancelIntent } from './authorizations.ts'
import { createSession } from './checkout-create.ts'
import { equals, listOperation, pageOfWhole } from './lists.ts'
import { pathParam } from './operation.ts'
import { linesOf } from './session-parts.ts'
import { cancelSetup } from './setup-intent.ts'

const RECOVERY_KEPT_SECONDS = 30 * 86_400

export const checkoutSessionOperations: readonly Operation[] = [
  { route: 'POST /v1/checkout/sessions', write: (work, params) => createSession(work, params) },
  {
    route: 'GET /v1/checkout/sessions/{session}',
    read: (reading, _params, path) =>
      reading.atPath('checkout.session', pathParam(path, 'session'), 'session'),
  },
  {
    route: 'POST /v1/checkout/sessions/{session}',
    write: (work, params, path) => updateSession(work, params, pathParam(path, 'session')),
  },
  {
    route: 'POST /v1/checkout/sessions/{session}/expire',
    async write(work, _params, path) {
      const session = await work.atPath('checkout.session', pathParam(path, 'session'), 'session')
      if (session.status !== 'open')
        throw invalidRequest(
          `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
        )
      const { intent, setup } = await attemptsOf(work, session)
      if (intent?.status === 'requires_action' || setup?.status === 'requires_action')
        throw invalidRequest(
          'This Checkout Session is being paid right now (3D Secure is open) and cannot be expired.',
        )
      return expireSession(work, session)
    },
  },
  listOperation('/v1/checkout/sessions', 'checkout.session', [
    equals('customer'),
    equals('payment_intent'),
    equals('payment_link'),
    equals('status'),
    equals('subscription'),
    (params) => {
      const email = params.group('customer_details')?.text('email')
      return email === undefined ? undefined : { path: ['customer_details', 'email'], is: email }
    },
  ]),
  {
    route: 'GET /v1/checkout/sessions/{session}/line_items',
    async read(reading, params, path) {
      const id = pathParam(path, 'session')
      const session = await reading.atPath('checkout.session', id, 'session')
      const asked = (params.texts('expand') ?? []).map((path) => path.split('.')[1])
      const lines = await linesOf(reading, session, asked)
      return pageOfWhole(lines, `/v1/checkout/sessions/${id}/line_items`, params)
    },
  },
]

async function updateSession(work: Work, params: Params, id: string): Promise<CheckoutSession> {
  const session = await work.atPath('checkout.session', id, 'session')
  for (const name of params.names)
    if (name !== 'metadata' && name !== 'expand')
      throw notInSandbox(`Updating \`${name}\` of a Checkout Session`, name)
  // Stripe has no checkout.session.updated event, so only the object changes.
  return work.put('checkout.session', {
    ...session,
    metadata: params.metadata(session.metadata),
  })
}

/** What a session tried to take money or save a card with. */
async function attemptsOf(
  reading: Reading,
  session: CheckoutSession,
): Promise<{ intent: PaymentIntent | undefined; setup: SetupIntent | undefined }> {
  const record = await reading.get('_checkout', session.id)
  const intent = session.payment_intent ?? record?.paymentIntent
  const setup = session.setup_intent ?? record?.setupIntent
  return {
    intent: intent === undefined ? undefined : await reading.get('payment_intent', intent),
    setup: setup === undefined ? undefined : await reading.get('setup_intent', setup),
  }
}

/** Closes an open session that was not paid; a way back is made when it was asked for. */
export async function expireSession(
  work: Work,
  session: CheckoutSession,
): Promise<CheckoutSession> {
  const { intent, setup } = await attemptsOf(work, session)
  if (intent !== undefined && intent.status !== 'canceled')
    await cancelIntent(work, intent, 'abandoned')
  if (setup !== undefined && setup.status !== 'canceled') cancelSetup(work, setup, 'abandoned')
  work.callOff(session.id)
  const expired = work.put('checkout.session', {
    ...session,
    after_expiration: wayBack(work, session),
    status: 'expired',
    url: null,
  })
  work.emit('checkout.session.expired', expired)
  return expired
}

function wayBack(work: Work, session: CheckoutSession): CheckoutSession['after_expiration'] {
  const recovery = session.after_expiration?.recovery
  if (recovery?.enabled !== true) return session.after_expiration
  const token = work.id('rec')
  const expiresAt = work.now + RECOVERY_KEPT_SECONDS
  work.put('_recovery', {
    id: token,
    object: '_recovery',
    created: work.now,
    session: session.id,
    expiresAt,
    recoveredBy: null,
  })
  return {
    recovery: {
      ...recovery,
      expires_at: expiresAt,
      url: `${work.settings.publicUrl}/r/${token}`,
    },
  }
}
