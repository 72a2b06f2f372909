import { GatewayError, type Lane } from '#modules/payments/gateway.ts'
import { waitAfter } from '#modules/payments/retry.ts'
import { currentBackend, syncSubscription } from '#modules/payments/server/index.ts'
import { db, inTransaction, log, now, queueMail, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { accessOf } from '../access.ts'
import { cardRefusedMail } from './mails/to-holder.ts'
import {
  noteAsked,
  postponeTry,
  settleTry,
  takeDueTry,
  type CardTry,
  type CardTryState,
} from './store.card-tries.ts'
import { dueOfInvoice } from './store.grace.ts'
import { emailOf, lockMirrored, readRules } from './store.mirror.ts'
import { findPlan } from './store.plans.ts'

const mostASweep = 50

type Backend = Awaited<ReturnType<typeof currentBackend>>

/**
 * Tries what is owed with each new card, whether its holder came back from Stripe's page or not: once for an invoice and a card, from
 * whichever event the card was heard of. Several processes may sweep at once. Returns how many were tried.
 */
export async function sweepCards(): Promise<number> {
  const backend = await currentBackend()
  for (let done = 0; done < mostASweep; done++) {
    const one = await takeDueTry(db('money'), backend.id)
    if (!one) return done
    await tryCard(backend, one, 'event')
  }
  return mostASweep
}

/**
 * Tries one that was taken. Every step can be done again: Stripe is asked under the same key each time. Returns how it stands
 * afterwards; due: Stripe could not be asked, and it will be tried again by itself.
 */
export async function tryCard(backend: Backend, one: CardTry, lane: Lane): Promise<CardTryState> {
  const state = await outcomeOf(backend, one, lane)
  // Its events lead there too; whoever is at it writes what is new by them.
  if (state === 'paid' || state === 'needless')
    await syncSubscription(one.stripeSubscriptionId, { cause: 'a new card', lane }).catch(
      (error: unknown) => {
        if (!(error instanceof GatewayError)) throw error
      },
    )
  return state
}

async function outcomeOf(backend: Backend, one: CardTry, lane: Lane): Promise<CardTryState> {
  const { gateway } = backend
  const settled = async (state: Exclude<CardTryState, 'due'>, error?: string) => {
    await settleTry(db('money'), one.id, state, error)
    return state
  }
  // Asked before and paid since: its event was faster than the answer.
  if (!one.isOwed) return settled(one.wasAsked && one.isPaid ? 'paid' : 'needless')
  try {
    const told = await gateway.readInvoice(one.stripeInvoiceId, lane)
    if (told.status === 'paid') return await settled('paid')
    if (told.status !== 'open') return await settled('needless')
    if (!one.wasAsked && told.refusedMethodId === one.stripeMethodId) return await settled('known')
    if (!(await noteAsked(db('money'), one.id))) return 'needless'
    const { stripeInvoiceId, stripeMethodId } = one
    const { status } = await gateway.payInvoice(
      stripeInvoiceId,
      `card-${one.id}`,
      lane,
      stripeMethodId,
    )
    return await settled(status === 'paid' ? 'paid' : 'needless')
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ invoice: one.stripeInvoiceId, fault: error.fault }, 'a new card did not pay')
    if (error.fault === 'refused') {
      await inTransaction((tx) => refuse(tx, backend.id, one, error.message), 'money')
      return 'refused'
    }
    const wait = error.fault === 'not_found' ? 'park' : waitAfter(one.tries, Math.random())
    if (wait === 'park') return settled('given_up', error.message)
    await postponeTry(db('money'), one.id, wait, error.message)
    return 'due'
  }
}

/** Told once, whoever tried it and however often its answer was asked for. */
async function refuse(tx: Tx, backendId: number, one: CardTry, error: string): Promise<void> {
  const held = await lockMirrored(tx, backendId, one.stripeSubscriptionId)
  if (!(await settleTry(tx, one.id, 'refused', error)) || held?.memberId === undefined) return
  const [to, site, due] = await Promise.all([
    emailOf(tx, held.memberId),
    siteIdentity(tx),
    dueOfInvoice(tx, backendId, one),
  ])
  if (to === undefined || due === undefined) return
  const plan = held.planId === undefined ? undefined : await findPlan(tx, held.planId)
  const { isOpen, until } = accessOf(held, await readRules(tx), await now(tx))
  const holder = {
    to,
    dates: { zone: site.timeZone, locale: site.locale },
    subscription: { ...held, title: plan?.title ?? 'your subscription' },
  }
  await queueMail(tx, cardRefusedMail(holder, one.id, isOpen ? until : undefined, due))
}
