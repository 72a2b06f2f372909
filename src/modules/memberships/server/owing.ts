import { setTimeout as pause } from 'node:timers/promises'
import type { MemberActor } from '#modules/accounts/types.ts'
import { GatewayError } from '#modules/payments/gateway.ts'
import { currentBackend, within } from '#modules/payments/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, log, now, useLimit, type Db } from '#modules/platform/server/index.ts'
import { accessOf } from '../access.ts'
import { tryCard } from './card-tries.ts'
import { busyPauseMs, lookNow, personLimitMs } from './look-now.ts'
import { justPaid, stateOfTry, takeTryOf, type CardTryState } from './store.card-tries.ts'
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
  /** Another card was put on file and refused, too; its last digits where it has any. */
  readonly refused: { readonly last4: string | undefined } | undefined
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
    refused: owed.refused,
  }
}

export type RetryResult =
  | { readonly ok: true; readonly paid: number }
  | { readonly ok: false; readonly reason: 'payment_failed' | 'unreachable' | 'too_often' }

/** Who comes back this long after it was paid by itself is told that it is. */
const justPaidMinutes = 10

/**
 * Tries what a member owes at once with the card that is on file now. back: they came back from Stripe's page, and a card that was tried
 * by itself meanwhile is not tried once more; pressed: they asked for it, also with the same card. paid 0: nothing was owed. An invoice
 * is paid once, however often it is asked for.
 */
export async function payWhatIsOwed(
  member: MemberActor,
  why: 'pressed' | 'back' = 'pressed',
): Promise<RetryResult> {
  const backend = await currentBackend()
  const owed = await owedOfMember(db('money'), backend.id, member.memberId)
  let paid = why === 'back' ? await justPaid(db(), backend.id, member.memberId, justPaidMinutes) : 0
  for (const one of owed) {
    if (!(await useLimit(retryLimit, member.memberId)).ok) return { ok: false, reason: 'too_often' }
    try {
      paid += await payInvoices(one, why)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      log.warn({ subscription: one.subscriptionId, fault: error.fault }, 'still not paid')
      return { ok: false, reason: error.fault === 'refused' ? 'payment_failed' : 'unreachable' }
    }
  }
  return { ok: true, paid }
}

async function payInvoices(owed: OwedRow, why: 'pressed' | 'back'): Promise<number> {
  const { gateway } = await currentBackend()
  const open = await openInvoicesOf(db('money'), owed.subscriptionId, mostInvoices)
  let paid = 0
  try {
    for (const one of open) {
      const { state, isNews } = await stateOfCard(one.id, owed.stripeMethodId)
      if (state === 'paid') paid++
      else if (state === 'due') throw new GatewayError('unreachable', 'It is tried again later.')
      else if (state === 'refused' && (isNews || why === 'back'))
        throw new GatewayError('refused', 'The card was refused.')
      else if (state === undefined || why === 'pressed') {
        const { status } = await within(
          personLimitMs,
          gateway.payInvoice(one.stripeInvoiceId, newId(), 'person'),
        )
        if (status === 'paid') paid++
      }
    }
  } finally {
    if (open.length > 0) await lookNow(owed.stripeSubscriptionId, 'paid by hand')
  }
  return paid
}

/**
 * How the try of an invoice with the card on file stands, after having tried it where that is due: this and the sweep are never both at
 * it. isNews: it was tried just now. state undefined: there is nothing to try by itself.
 */
async function stateOfCard(
  invoiceId: string,
  stripeMethodId: string | undefined,
): Promise<{ readonly state: CardTryState | undefined; readonly isNews: boolean }> {
  if (stripeMethodId === undefined) return { state: undefined, isNews: false }
  const state = await stateOfTry(db('money'), invoiceId, stripeMethodId)
  if (state !== 'due') return { state, isNews: false }
  const backend = await currentBackend()
  return within(
    personLimitMs,
    (async () => {
      for (;;) {
        const taken = await takeTryOf(db('money'), invoiceId, stripeMethodId)
        if (taken) return { state: await tryCard(backend, taken, 'person'), isNews: true }
        const now = await stateOfTry(db('money'), invoiceId, stripeMethodId)
        if (now !== 'due') return { state: now, isNews: true }
        await pause(busyPauseMs)
      }
    })(),
  )
}
