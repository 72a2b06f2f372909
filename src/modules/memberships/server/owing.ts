import type { MemberActor } from '#modules/accounts/types.ts'
import { GatewayError } from '#modules/payments/gateway.ts'
import { currentBackend, within } from '#modules/payments/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, log, now, useLimit, type Db } from '#modules/platform/server/index.ts'
import { accessOf } from '../access.ts'
import { lookNow, personLimitMs } from './look-now.ts'
import { openInvoicesOf, owedOfMember, type OwedRow } from './store.grace.ts'
import { readRules } from './store.mirror.ts'

const mostInvoices = 3
/** A card that was refused is refused again; Stripe and the card's bank do not like to be asked often. */
const retryLimit = { name: 'retry_payment', most: 5, windowSeconds: 3_600 } as const

export interface Owed {
  readonly subscriptionId: string
  readonly title: string
  /** Until when everything stays open all the same; undefined: it is closed. */
  readonly until: Date | undefined
}

/** The payment a member owes, for the banner on every page of theirs. Asks nobody but the database; undefined: none. */
export async function owedBy(db: Db, memberId: string): Promise<Owed | undefined> {
  const [owed] = await owedOfMember(db, (await currentBackend()).id, memberId)
  if (!owed) return undefined
  const [rules, at] = await Promise.all([readRules(db), now(db)])
  const { until, isOpen } = accessOf(owed, rules, at)
  return {
    subscriptionId: owed.subscriptionId,
    title: owed.title,
    until: isOpen ? until : undefined,
  }
}

export type RetryResult =
  | { readonly ok: true; readonly paid: number }
  | { readonly ok: false; readonly reason: 'payment_failed' | 'unreachable' | 'too_often' }

/**
 * Tries what a member owes at once with the card that is on file now: they have just changed it, or asked for it. paid 0: nothing was
 * owed. An invoice is paid once, however often it is asked for.
 */
export async function payWhatIsOwed(member: MemberActor): Promise<RetryResult> {
  const backend = await currentBackend()
  const owed = await owedOfMember(db('money'), backend.id, member.memberId)
  let paid = 0
  for (const one of owed) {
    if (!(await useLimit(retryLimit, member.memberId)).ok) return { ok: false, reason: 'too_often' }
    try {
      paid += await payInvoices(one)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      log.warn({ subscription: one.subscriptionId, fault: error.fault }, 'still not paid')
      return { ok: false, reason: error.fault === 'refused' ? 'payment_failed' : 'unreachable' }
    }
  }
  return { ok: true, paid }
}

async function payInvoices(owed: OwedRow): Promise<number> {
  const { gateway } = await currentBackend()
  const open = await openInvoicesOf(db('money'), owed.subscriptionId, mostInvoices)
  try {
    for (const id of open) await within(personLimitMs, gateway.payInvoice(id, newId(), 'person'))
  } finally {
    if (open.length > 0) await lookNow(owed.stripeSubscriptionId, 'paid by hand')
  }
  return open.length
}
