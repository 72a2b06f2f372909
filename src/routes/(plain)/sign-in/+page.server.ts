import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { passkeyRefused } from '#modules/accounts/factor-words.ts'
import { nextPath } from '#modules/accounts/next-path.ts'
import type { FormErrors } from '#modules/accounts/form-errors.ts'
import { codeRequestForm, passwordSignInForm, readForm, typed } from '#modules/accounts/schemas.ts'
import {
  mayAskForCode,
  mayTryToSignIn,
  provePassword,
  requestSignInCode,
  signInByPasskey,
  signInByPassword,
  thisPlace,
  visitorOf,
  writeHalfCookie,
  writeSessionCookie,
} from '#modules/accounts/server/index.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { db, inTransaction, log, postedForm } from '#modules/platform/server/index.ts'
import { homeOf } from './home.ts'
import { passkeyIn } from './passkey-answer.server.ts'

export const load: PageServerLoad = ({ url, locals }) => {
  const next = url.searchParams.get('next')
  if (locals.actor) redirect(303, nextPath(next, homeOf(locals.actor.kind)))
  return { next: nextPath(next, ''), takesPasskeys: thisPlace() !== undefined }
}

type Values = { readonly email: string; readonly next: string }

/** The form again, with what was typed and what to do about it. */
function again(
  status: number,
  way: 'code' | 'password' | 'passkey',
  values: Values,
  errors: FormErrors,
) {
  return fail(status, { way, values, errors })
}

export const actions: Actions = {
  async code(event) {
    const form = await postedForm(event.request)
    const values = { email: typed(form, 'email'), next: nextPath(typed(form, 'next'), '') }
    const read = readForm(codeRequestForm, form)
    if (!read.ok) return again(400, 'code', values, read.errors)
    const { email } = read.values
    const allowed = await mayAskForCode(email, event.locals.network)
    if (!allowed.ok) {
      const words = tooMany(event, 'Many codes were asked for', allowed.retryAfterSeconds)
      return again(429, 'code', values, { '': words })
    }
    const requestId = await inTransaction((tx) =>
      requestSignInCode(tx, { email, nextPath: values.next || undefined }),
    )
    redirect(303, `/sign-in/code?request=${requestId}`)
  },

  async password(event) {
    const form = await postedForm(event.request)
    const values = { email: typed(form, 'email'), next: nextPath(typed(form, 'next'), '') }
    const read = readForm(passwordSignInForm, form)
    if (!read.ok) return again(400, 'password', values, read.errors)
    const { email, password } = read.values
    const allowed = await mayTryToSignIn(email, event.locals.network)
    if (!allowed.ok) {
      const words = tooMany(event, 'There were many tries to sign in', allowed.retryAfterSeconds)
      return again(429, 'password', values, { '': words })
    }
    const proof = await provePassword(db(), { email, password })
    const next =
      proof &&
      (await inTransaction((tx) =>
        signInByPassword(tx, proof, visitorOf(event), values.next || undefined),
      ))
    if (!next) {
      log.info({ way: 'password' }, 'sign-in refused')
      // The same words for an unknown address, no password and a wrong one.
      const words =
        'That address and password do not go together. Try again, or have a code sent instead.'
      return again(400, 'password', values, { '': words })
    }
    if (next.step === 'second') {
      writeHalfCookie(event.cookies, next.half.token)
      redirect(303, '/sign-in/second-step')
    }
    writeSessionCookie(event.cookies, next.session.token)
    redirect(303, nextPath(values.next, homeOf(next.session.role)))
  },

  async passkey(event) {
    const form = await postedForm(event.request)
    const values = { email: '', next: nextPath(typed(form, 'next'), '') }
    const allowed = await mayTryToSignIn(undefined, event.locals.network)
    if (!allowed.ok) {
      const words = tooMany(event, 'There were many tries to sign in', allowed.retryAfterSeconds)
      return again(429, 'passkey', values, { '': words })
    }
    const passkey = await passkeyIn(form, { purpose: 'sign_in' })
    const session =
      passkey && (await inTransaction((tx) => signInByPasskey(tx, passkey, visitorOf(event))))
    if (!session) {
      log.info({ way: 'passkey' }, 'sign-in refused')
      return again(400, 'passkey', values, { '': passkeyRefused })
    }
    writeSessionCookie(event.cookies, session.token)
    redirect(303, nextPath(values.next, homeOf(session.role)))
  },
}
