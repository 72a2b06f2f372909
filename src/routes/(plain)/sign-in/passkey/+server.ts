import { error, json } from '@sveltejs/kit'
import { z } from 'zod'
import type { RequestHandler } from './$types'
import { passkeysImpossible } from '#modules/accounts/factor-words.ts'
import {
  askForPasskey,
  halfSignIn,
  mayAskForPasskey,
  type ChallengeScope,
} from '#modules/accounts/server/index.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'

const asked = z.object({ for: z.enum(['sign_in', 'second_step', 'proof']) })

/** Tells a page's script what to ask the authenticator. A POST: each answer is a challenge that is stored. */
export const POST: RequestHandler = async (event) => {
  const body = asked.safeParse(await event.request.json().catch(() => undefined))
  if (!body.success) error(400, 'This page asked for something unknown. Please load it again.')
  const allowed = await mayAskForPasskey(event.locals.network)
  if (!allowed.ok) error(429, tooMany(event, 'There were many tries', allowed.retryAfterSeconds))
  const scope = await scopeOf(body.data.for)
  const options = await inTransaction((tx) => askForPasskey(tx, scope))
  if (!options) error(409, passkeysImpossible)
  return json(options)

  async function scopeOf(what: ChallengeScope['purpose']): Promise<ChallengeScope> {
    if (what === 'second_step') {
      const half = await halfSignIn(db(), event.cookies)
      if (!half) error(410, 'This took too long. Please sign in again.')
      return { purpose: 'second_step', memberId: half.memberId, halfSignInId: half.id }
    }
    if (what === 'proof') {
      const { actor } = event.locals
      if (!actor) error(401, 'You are signed out. Please sign in again.')
      return { purpose: 'proof', memberId: actor.memberId, sessionId: actor.sessionId }
    }
    return { purpose: 'sign_in' }
  }
}
