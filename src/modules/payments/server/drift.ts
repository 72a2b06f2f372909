import { db, log, now } from '#modules/platform/server/index.ts'
import { GatewayError } from '../gateway.ts'
import { currentBackend } from './backend.ts'
import { bringDriftTurnForward, knownIn, takeDriftTurn } from './store.disputes.ts'
import { findPaymentOfIntent } from './store.payment.ts'
import { toldMirror } from './subscription-mirrors.ts'
import { syncPayment } from './sync.ts'

const everyHours = 24
/** A dispute lives for months, but what changed is listed by when it began: two months cover what still moves. */
const lookBackMs = 60 * 86_400_000
const mostListed = 2_000
/** Payments that are looked up one by one in a sweep; the rest is found by the next one. */
const mostLookedUp = 200
/** Of those, payments that are not known here: their invoice was never heard of, or they are none of this shop's. */
const mostUnknown = 50

/**
 * Compares the refunds and disputes that Stripe lists with ours, once a day in one process, and looks up each payment that
 * differs: heals what no event ever told of. Returns how many payments of ours were looked up; undefined when it was not time.
 */
export async function sweepDrift(): Promise<number | undefined> {
  const backend = await currentBackend()
  if (!(await takeDriftTurn(db('money'), backend.id, everyHours))) return undefined
  try {
    return await compare()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ fault: error.fault }, 'refunds and disputes could not be compared with Stripe')
    // Not a day later: while Stripe is slow or the budget is used up, nothing would ever be healed.
    await bringDriftTurnForward(db('money'), backend.id, everyHours - 1)
    return 0
  }
}

const reason = { cause: 'comparison with Stripe', lane: 'background' } as const

/** Most are none of this shop's; one whose sale is still under way is found by the next comparison. */
async function lookAtUnknown(intent: string): Promise<void> {
  try {
    await syncPayment(intent, reason)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ payment: intent, fault: error.fault }, 'a payment that is not known here')
  }
}

async function compare(): Promise<number> {
  const backend = await currentBackend()
  const since = new Date((await now(db('money'))).getTime() - lookBackMs)
  const told = await backend.gateway.listMoneyBack(since, mostListed, 'background')
  const known = new Set([
    ...(await knownIn(db('money'), backend.id, told)),
    ...(await toldMirror().knownMoney(db('money'), backend.id, told)),
  ])
  const differing = new Set(
    told.filter((one) => !known.has(one.id)).map((one) => one.paymentIntentId),
  )
  let lookedUp = 0
  let unknown = 0
  for (const intent of differing) {
    if (lookedUp >= mostLookedUp) break
    const isKnown =
      (await findPaymentOfIntent(db('money'), backend.id, intent)) !== undefined ||
      (await toldMirror().knowsPayment(db('money'), backend.id, intent))
    if (!isKnown) {
      if (++unknown <= mostUnknown) await lookAtUnknown(intent)
      continue
    }
    lookedUp++
    log.warn({ payment: intent }, 'Stripe knows of a refund or dispute that no event told of')
    await syncPayment(intent, reason)
  }
  return lookedUp
}
