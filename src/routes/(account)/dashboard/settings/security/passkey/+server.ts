import { error, isRedirect, json } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { passkeysImpossible } from '#modules/accounts/factor-words.ts'
import {
  askForNewPasskey,
  mayAskForPasskey,
  memberOnly,
  requireFreshProof,
} from '#modules/accounts/server/index.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** Tells the settings page's script what to ask for a new passkey. A POST: each answer is a challenge that is stored. */
export const POST: RequestHandler = async (event) => {
  memberOnly(event)
  const allowed = await mayAskForPasskey(event.locals.network)
  if (!allowed.ok) error(429, tooMany(event, 'There were many tries', allowed.retryAfterSeconds))
  const proof = await requireFreshProof(event, 'factors').catch((thrown: unknown) => {
    if (!isRedirect(thrown)) throw thrown
    // A redirect is of no use to a script, which leads there by itself.
    error(403, 'Please confirm first that it is you.')
  })
  const { name } = await siteIdentity(db())
  const options = await inTransaction((tx) => askForNewPasskey(tx, proof, name))
  if (!options) error(409, passkeysImpossible)
  return json(options)
}
