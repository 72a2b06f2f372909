import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { codeProblemWords } from '#modules/accounts/code-words.ts'
import { readCode } from '#modules/accounts/one-time-code.ts'
import type { FormErrors } from '#modules/accounts/form-errors.ts'
import { codeForm, readForm, typed } from '#modules/accounts/schemas.ts'
import {
  mayAskForCode,
  mayTryToSignIn,
  requestSignInCode,
  signInByCode,
  signInRequest,
  visitorOf,
  writeHalfCookie,
  writeSessionCookie,
} from '#modules/accounts/server/index.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { db, inTransaction, log, postedForm } from '#modules/platform/server/index.ts'
import { homeOf } from '../home.ts'

/**
 * The page that the mail leads to. Opening it changes nothing, however often and by whomever: mail scanners
 * open every link. Only the button signs in.
 */
export const load: PageServerLoad = async ({ url, locals, setHeaders }) => {
  // The address of this page may hold the code: it is told to no other site.
  // (Not no-referrer: browsers then send `Origin: null` with the form, and it is refused as foreign.)
  setHeaders({ 'referrer-policy': 'same-origin' })
  const requestId = url.searchParams.get('request') ?? ''
  const request = await signInRequest(db(), requestId)
  // A link that did its work leads on; one that still waits may be used, to prove the mailbox once more.
  if (!request && locals.actor) redirect(303, homeOf(locals.actor.kind))
  return {
    requestId,
    request: request && { email: request.email, isExpired: request.isExpired },
    code: readCode(url.searchParams.get('code') ?? '') ?? '',
  }
}

function again(status: number, code: string, errors: FormErrors) {
  return fail(status, { values: { code }, errors })
}

export const actions: Actions = {
  async signIn(event) {
    const form = await postedForm(event.request)
    const code = typed(form, 'code').slice(0, 20)
    const read = readForm(codeForm, form)
    if (!read.ok) return again(400, code, read.errors)
    const requestId = event.url.searchParams.get('request') ?? ''
    const allowed = await mayTryToSignIn(undefined, event.locals.network)
    if (!allowed.ok) {
      const words = tooMany(event, 'There were many tries to sign in', allowed.retryAfterSeconds)
      return again(429, code, { '': words })
    }
    const result = await inTransaction((tx) =>
      signInByCode(tx, { requestId, code: read.values.code }, visitorOf(event)),
    )
    if (!result.ok) {
      log.info({ way: 'code', reason: result.reason }, 'sign-in refused')
      return again(400, code, {
        code: codeProblemWords(result, 'Please have a new one sent.'),
      })
    }
    if (result.step === 'second') {
      writeHalfCookie(event.cookies, result.half.token)
      redirect(303, '/sign-in/second-step')
    }
    writeSessionCookie(event.cookies, result.session.token)
    if (result.nextPath) redirect(303, result.nextPath)
    redirect(303, result.isNew ? '/sign-in/welcome' : homeOf(result.session.role))
  },

  async again(event) {
    const request = await signInRequest(db(), event.url.searchParams.get('request') ?? '')
    if (!request) redirect(303, '/sign-in')
    const allowed = await mayAskForCode(request.email, event.locals.network)
    if (!allowed.ok) {
      const words = tooMany(event, 'Many codes were asked for', allowed.retryAfterSeconds)
      return again(429, '', { '': words })
    }
    const requestId = await inTransaction((tx) => requestSignInCode(tx, request))
    redirect(303, `/sign-in/code?request=${requestId}`)
  },
}
