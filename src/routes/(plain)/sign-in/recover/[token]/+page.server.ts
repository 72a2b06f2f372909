import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { passwordFault, passwordFaultWords } from '#modules/accounts/password-rules.ts'
import { readForm, recoveryForm } from '#modules/accounts/schemas.ts'
import {
  ownerAddress,
  recoverOwner,
  recoveryLink,
  sealPassword,
  visitorOf,
  writeSessionCookie,
  type RecoveryLink,
} from '#modules/accounts/server/index.ts'
import { db, inTransaction, postedForm } from '#modules/platform/server/index.ts'

/** The link that `npm run owner-recovery` prints. Opening it uses nothing up. */
export const load: PageServerLoad = async ({ params, setHeaders }) => {
  // The address of this page is the secret: it is told to no other site.
  setHeaders({ 'referrer-policy': 'same-origin' })
  const link = await recoveryLink(db(), params.token)
  if (link !== 'open') refuse(link)
  return { email: (await ownerAddress(db())) ?? '' }
}

export const actions: Actions = {
  async default(event) {
    const { token } = event.params
    const link = await recoveryLink(db(), token)
    if (link !== 'open') refuse(link)
    const read = readForm(recoveryForm, await postedForm(event.request))
    if (!read.ok) return fail(400, { errors: read.errors })
    const { newPassword } = read.values
    const fault = passwordFault(newPassword, (await ownerAddress(db())) ?? '')
    if (fault) return fail(400, { errors: { newPassword: passwordFaultWords[fault] } })
    const password = await sealPassword(newPassword)
    const result = await inTransaction((tx) =>
      recoverOwner(tx, { token, password }, visitorOf(event)),
    )
    if (!result.ok) refuse(result.reason)
    writeSessionCookie(event.cookies, result.session.token)
    redirect(303, '/dashboard/settings/security')
  },
}

function refuse(link: Exclude<RecoveryLink, 'open'>): never {
  if (link === 'unknown')
    error(
      404,
      'This link is not good, or a newer one was made. `npm run owner-recovery` prints one.',
    )
  error(
    410,
    link === 'used'
      ? 'This link was used. If that was you, please sign in.'
      : 'This link was good for half an hour. `npm run owner-recovery` prints a new one.',
  )
}
