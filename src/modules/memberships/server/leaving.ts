import { GatewayError } from '#modules/payments/gateway.ts'
import { currentBackend, within } from '#modules/payments/server/index.ts'
import { db, log, type Db } from '#modules/platform/server/index.ts'
import { lookNow, personLimitMs } from './look-now.ts'
import { customersAtStripe, liveOf } from './store.leaving.ts'
import { forgetCustomer } from './store.subscribing.ts'

/** What somebody subscribes to right now; ended when they leave. At most a handful: one for each group of plans. */
export async function liveSubscriptionsOf(
  via: Db,
  memberId: string,
): Promise<readonly { readonly id: string; readonly title: string }[]> {
  const { id } = await currentBackend()
  return (await liveOf(via, id, memberId)).map((one) => ({ id: one.id, title: one.title }))
}

/**
 * Ends everything a member subscribes to, at once, and has the customer deleted at Stripe. Asked again it goes on where it stopped.
 * unreachable: Stripe was away; what had been ended by then stays so, and the account is still there.
 */
export async function endEverythingOf(
  memberId: string,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: 'unreachable' }> {
  const backend = await currentBackend()
  const lane = 'person'
  try {
    for (const one of await liveOf(db('money'), backend.id, memberId)) {
      await within(personLimitMs, backend.gateway.cancelNow(one.stripeSubscriptionId, lane))
      await lookNow(one.stripeSubscriptionId, 'account deleted')
    }
    for (const stripeCustomerId of await customersAtStripe(db('money'), backend.id, memberId)) {
      await within(personLimitMs, backend.gateway.deleteCustomer(stripeCustomerId, lane))
      await forgetCustomer(db('money'), backend.id, stripeCustomerId)
    }
    return { ok: true }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ fault: error.fault, code: error.code }, 'somebody could not leave: Stripe')
    return { ok: false, reason: 'unreachable' }
  }
}
