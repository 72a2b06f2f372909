import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import {
  confirmApp,
  mayTrySecondFactor,
  pendingApp,
  requireFreshProof,
} from '#modules/accounts/server/index.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** Shows the secret that was begun on the page before, until a code confirms it. Opening it makes nothing. */
export const load: PageServerLoad = async (event) => {
  const proof = await requireFreshProof(event, 'factors')
  const { name } = await siteIdentity(db())
  return { pending: await pendingApp(db(), proof, name), email: proof.actor.email }
}

export const actions: Actions = {
  async default(event) {
    const form = await postedForm(event.request)
    const proof = await requireFreshProof(event, 'factors')
    const refuse = (status: number, code: string) =>
      fail(status, { errors: { code }, recoveryCodes: undefined })
    const allowed = await mayTrySecondFactor(proof.actor.memberId, event.locals.network)
    if (!allowed.ok)
      return refuse(429, tooMany(event, 'There were many tries', allowed.retryAfterSeconds))
    const result = await inTransaction((tx) => confirmApp(tx, proof, textField(form, 'code')))
    if (!result.ok) {
      if (result.reason === 'gone') redirect(303, '/dashboard/settings/security#app')
      return refuse(
        400,
        'This is not what the app should show. Is its clock right, and is it the entry of this shop?',
      )
    }
    return { errors: undefined, recoveryCodes: result.recoveryCodes ?? [] }
  },
}
