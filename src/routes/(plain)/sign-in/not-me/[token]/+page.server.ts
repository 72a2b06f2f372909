import { error, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import {
  alarmLink,
  itWasNotMe,
  mayAskForCode,
  mayTryToSignIn,
  requestSignInCode,
  type AlarmLink,
} from '#modules/accounts/server/index.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'

/** The page of the link in a mail. Opening it changes nothing, however often and by whomever: mail scanners open every link. */
export const load: PageServerLoad = async ({ params, setHeaders }) => {
  // The address of this page is the secret: it is told to no other site.
  setHeaders({ 'referrer-policy': 'same-origin' })
  const link = await alarmLink(db(), params.token)
  if (link !== 'open') refuse(link)
}

export const actions: Actions = {
  async default(event) {
    const tries = await mayTryToSignIn(undefined, event.locals.network)
    if (!tries.ok) error(429, tooMany(event, 'There were many tries', tries.retryAfterSeconds))
    const result = await inTransaction((tx) => itWasNotMe(tx, event.params.token))
    if (!result.ok) refuse(result.link)
    const { email } = result
    const allowed = await mayAskForCode(email, event.locals.network)
    // Everybody is out already; only the code for the way back in has to wait.
    if (!allowed.ok) redirect(303, '/sign-in')
    const requestId = await inTransaction((tx) =>
      requestSignInCode(tx, { email, nextPath: '/dashboard/settings#password' }),
    )
    redirect(303, `/sign-in/code?request=${requestId}`)
  },
}

function refuse(link: Exclude<AlarmLink, 'open'>): never {
  if (link === 'unknown') error(404, 'This link is not one of ours, or is incomplete.')
  error(
    410,
    link === 'used'
      ? 'This link was used: everybody is signed out. Sign in with a code by mail and set a new password.'
      : 'This link is too old. Sign in with a code by mail; your settings show who else is signed in.',
  )
}
