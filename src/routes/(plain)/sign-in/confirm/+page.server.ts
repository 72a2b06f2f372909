import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad, RequestEvent } from './$types'
import { factorProblemWords, passkeyRefused } from '#modules/accounts/factor-words.ts'
import { proofWords } from '#modules/accounts/fresh-proof-rules.ts'
import { nextPath } from '#modules/accounts/next-path.ts'
import {
  confirmByFactor,
  confirmByPassword,
  factorsOf,
  isOwnPassword,
  keptField,
  mayAskForCode,
  mayTrySecondFactor,
  mayTryToSignIn,
  memberOnly,
  proofRequest,
  requestSignInCode,
  thisPlace,
  writeSessionCookie,
  type FactorTry,
} from '#modules/accounts/server/index.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { db, inTransaction, log, postedForm, textField } from '#modules/platform/server/index.ts'
import { homeOf } from '../home.ts'
import { passkeyIn } from '../passkey-answer.server.ts'

/** "Confirm it is you": see accounts/server/fresh-proof.ts. Opening it changes nothing. */
export const load: PageServerLoad = async (event) => {
  const actor = memberOnly(event)
  const { searchParams } = event.url
  const formId = searchParams.get('form')
  const next = nextPath(searchParams.get('next'), homeOf(actor.kind))
  const asked = await proofRequest(db(), actor, { formId, what: searchParams.get('for') })
  if (!asked) redirect(303, '/sign-in')
  const goesOnTo = asked.keptPath && nextPath(asked.keptPath, '')
  const query = new URLSearchParams([...searchParams].filter(([name]) => !name.startsWith('/')))
  const page = { about: proofWords[asked.what], here: query.size > 0 ? `?${query}&` : '?' }
  if (formId !== null && !goesOnTo)
    return { ...page, state: 'gone', home: homeOf(actor.kind) } as const
  if (asked.isGiven) {
    if (!goesOnTo || formId === null) redirect(303, next)
    return { ...page, state: 'given', goesOnTo, field: { [keptField]: formId } } as const
  }
  const factors = await factorsOf(db(), actor)
  return {
    ...page,
    state: 'asked',
    email: actor.email,
    ways: {
      hasApp: factors.app !== undefined,
      hasPasskeys: factors.passkeys.length > 0 && thisPlace() !== undefined,
      hasRecoveryCodes: asked.hasFactor && factors.codesLeft > 0,
      hasPassword: !asked.hasFactor && asked.hasPassword,
      hasMail: !asked.hasFactor,
    },
    keeps: Boolean(goesOnTo),
    back: goesOnTo ? (goesOnTo.split('?')[0] ?? '/') : backFrom(next),
  } as const
}

/** A page that asks for the proof when it is opened would only lead here again: one level up is before it. */
function backFrom(next: string): string {
  const path = next.split('?')[0] ?? '/'
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

type Way = 'code' | 'recovery' | 'passkey' | 'password' | 'mail'

function again(status: number, way: Way, words: string) {
  return fail(status, { problem: { way, words } })
}

/** Here again: load goes on from there. */
function goOn(event: RequestEvent, token: string): never {
  writeSessionCookie(event.cookies, token)
  const query = [...event.url.searchParams].filter(([name]) => !name.startsWith('/'))
  redirect(303, `/sign-in/confirm?${new URLSearchParams(query)}`)
}

async function tryFactor(
  event: RequestEvent,
  way: Way,
  factor: (actor: MemberActor) => Promise<FactorTry | undefined>,
) {
  const actor = memberOnly(event)
  const allowed = await mayTrySecondFactor(actor.memberId, event.locals.network)
  if (!allowed.ok)
    return again(429, way, tooMany(event, 'There were many tries', allowed.retryAfterSeconds))
  const tried = await factor(actor)
  if (!tried) return again(400, way, passkeyRefused)
  const given = await inTransaction((tx) => confirmByFactor(tx, actor, tried))
  if (given.ok) return goOn(event, given.token)
  log.info({ way, reason: given.reason }, 'proof refused')
  return again(400, way, way === 'passkey' ? passkeyRefused : factorProblemWords(given))
}

export const actions: Actions = {
  async code(event) {
    memberOnly(event)
    const form = await postedForm(event.request)
    const way = textField(form, 'way') === 'recovery' ? 'recovery' : 'code'
    return tryFactor(event, way, async () => ({ code: textField(form, 'code') }))
  },

  async passkey(event) {
    memberOnly(event)
    const form = await postedForm(event.request)
    return tryFactor(event, 'passkey', async ({ memberId, sessionId }) => {
      const passkey = await passkeyIn(form, { purpose: 'proof', memberId, sessionId })
      return passkey && { passkey }
    })
  },

  async password(event) {
    const actor = memberOnly(event)
    const form = await postedForm(event.request)
    const allowed = await mayTryToSignIn(actor.email, event.locals.network)
    if (!allowed.ok)
      return again(
        429,
        'password',
        tooMany(event, 'There were many tries', allowed.retryAfterSeconds),
      )
    const password = textField(form, 'password').slice(0, 1_000)
    if (!(await isOwnPassword(db(), actor, password)))
      return again(400, 'password', 'This is not your password.')
    const given = await inTransaction((tx) => confirmByPassword(tx, actor))
    return given.ok ? goOn(event, given.token) : redirect(303, '/sign-in')
  },

  /** For who has neither factor nor password: signing in by code once more is the proof. */
  async mail(event) {
    const actor = memberOnly(event)
    const allowed = await mayAskForCode(actor.email, event.locals.network)
    if (!allowed.ok)
      return again(
        429,
        'mail',
        tooMany(event, 'Many codes were asked for', allowed.retryAfterSeconds),
      )
    const next = nextPath(event.url.searchParams.get('next'), homeOf(actor.kind))
    const requestId = await inTransaction((tx) =>
      requestSignInCode(tx, { email: actor.email, nextPath: next }),
    )
    redirect(303, `/sign-in/code?request=${requestId}`)
  },
}
