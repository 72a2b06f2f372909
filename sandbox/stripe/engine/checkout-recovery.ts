import type { CheckoutSession } from './objects/checkout-session.ts'
import type { Work } from './work.ts'
import { openSession, pageUrl } from './checkout-create.ts'
import { LONGEST_MS } from './checkout-params.ts'

/** A session like an expired one, for the buyer who comes back. Prices stay those of then. */
export async function recoverSession(
  work: Work,
  expired: CheckoutSession,
): Promise<CheckoutSession> {
  const record = await work.get('_checkout', expired.id)
  if (record === undefined) throw new Error(`${expired.id} has no record`)
  const id = work.id('cs_test')
  return openSession(
    work,
    {
      ...expired,
      id,
      after_expiration:
        expired.after_expiration?.recovery == null
          ? null
          : {
              recovery: { ...expired.after_expiration.recovery, expires_at: null, url: null },
            },
      created: work.now,
      expires_at: Math.floor((work.nowMs + LONGEST_MS) / 1000),
      payment_intent: null,
      recovered_from: expired.id,
      status: 'open',
      url: pageUrl(work, id),
    },
    {
      lineItems: record.lineItems,
      ...(record.discount === undefined
        ? {}
        : { discount: { ...record.discount, id: work.id('di'), start: work.now } }),
      ...(record.subscription === undefined ? {} : { subscription: record.subscription }),
      intent: record.intent,
      customerUpdate: record.customerUpdate,
      buyer: null,
    },
  )
}
