import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad, RequestEvent } from './$types'
import { factorProblemWords, passkeyRefused } from '#modules/accounts/factor-words.ts'
import {
  clearHalfCookie,
  doSecondStep,
  dropHalfSignIn,
  halfSignIn,
  mayTrySecondFactor,
  thisPlace,
  visitorOf,
  writeSessionCookie,
  type FactorTry,
  type HalfSignIn,
} from '#modules/accounts/server/index.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { db, inTransaction, log, postedForm, textField } from '#modules/platform/server/index.ts'
import { homeOf } from '../home.ts'
import { passkeyIn } from '../passkey-answer.server.ts'

/** Between the first step and being signed in. Opening it changes nothing. */
export const load: PageServerLoad = async ({ cookies, locals }) => {
  const half = await halfSignIn(db(), cookies)
  if (!half && locals.actor) redirect(303, homeOf(locals.actor.kind))
  return {
    half: half && {
      email: half.email,
      hasApp: half.hasApp,
      hasPasskeys: half.hasPasskeys && thisPlace() !== undefined,
      hasRecoveryCodes: half.hasRecoveryCodes,
    },
  }
}

type Way = 'code' | 'recovery' | 'passkey'

function again(status: number, way: Way, words: string) {
  return fail(status, { problem: { way, words } })
}

async function tryIt(
  event: RequestEvent,
  way: Way,
  factor: (half: HalfSignIn) => Promise<FactorTry | undefined>,
) {
  const half = await halfSignIn(db(), event.cookies)
  // The page says what to do: begin again.
  if (!half) return fail(410, { problem: undefined })
  const allowed = await mayTrySecondFactor(half.memberId, event.locals.network)
  if (!allowed.ok)
    return again(429, way, tooMany(event, 'There were many tries', allowed.retryAfterSeconds))
  const tried = await factor(half)
  if (!tried) return again(400, way, passkeyRefused)
  const result = await inTransaction((tx) =>
    doSecondStep(tx, event.cookies, tried, visitorOf(event)),
  )
  if (!result.ok) {
    log.info({ way, reason: result.reason }, 'second step refused')
    if (result.reason === 'gone') return fail(410, { problem: undefined })
    return again(400, way, way === 'passkey' ? passkeyRefused : factorProblemWords(result))
  }
  clearHalfCookie(event.cookies)
  writeSessionCookie(event.cookies, result.session.token)
  redirect(303, result.nextPath ?? homeOf(result.session.role))
}

export const actions: Actions = {
  async code(event) {
    const form = await postedForm(event.request)
    const way = textField(form, 'way') === 'recovery' ? 'recovery' : 'code'
    return tryIt(event, way, async () => ({ code: textField(form, 'code') }))
  },

  async passkey(event) {
    const form = await postedForm(event.request)
    return tryIt(event, 'passkey', async ({ id, memberId }) => {
      const passkey = await passkeyIn(form, {
        purpose: 'second_step',
        memberId,
        halfSignInId: id,
      })
      return passkey && { passkey }
    })
  },

  async leave({ cookies }) {
    await inTransaction((tx) => dropHalfSignIn(tx, cookies))
    redirect(303, '/sign-in')
  },
}
