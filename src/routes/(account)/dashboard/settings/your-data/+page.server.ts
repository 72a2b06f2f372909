import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { memberOnly, provenForm } from '#modules/accounts/server/index.ts'
import { endEverythingOf } from '#modules/memberships/server/index.ts'
import { db, discardBytes, inTransaction } from '#modules/platform/server/index.ts'
import { hindranceWords, unreachableWords } from '#modules/privacy/leaving-words.ts'
import { leave, lookAtLeaving } from '#modules/privacy/server/index.ts'

export const load: PageServerLoad = async (event) => {
  const actor = memberOnly(event)
  return { leaving: await lookAtLeaving(db(), actor) }
}

export const actions: Actions = {
  async delete(event) {
    const actor = memberOnly(event)
    const { form, proof } = await provenForm(event, 'leave')
    if (form.get('sure') !== 'on')
      return fail(400, {
        problem: 'Please say that you are sure: what is erased cannot be brought back.',
      })
    const { hindrance } = await lookAtLeaving(db(), actor)
    if (hindrance) return fail(409, { problem: hindranceWords[hindrance] })
    const ended = await endEverythingOf(actor.memberId)
    if (!ended.ok) return fail(503, { problem: unreachableWords })
    const left = await inTransaction((tx) => leave(tx, proof))
    if (!left.ok && left.reason !== 'gone')
      return fail(409, {
        problem:
          left.reason === 'subscribed'
            ? 'A subscription has begun just now. Nothing was deleted; please try again.'
            : hindranceWords[left.reason],
      })
    if (left.ok) await discardBytes(left.bytes)
    redirect(303, '/account-deleted')
  },
}
