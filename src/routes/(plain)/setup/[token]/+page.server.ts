import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { ownerForm, readForm, typed } from '#modules/accounts/schemas.ts'
import {
  createOwner,
  sealPassword,
  setupLink,
  visitorOf,
  writeSessionCookie,
} from '#modules/accounts/server/index.ts'
import { db, inTransaction, postedForm } from '#modules/platform/server/index.ts'

export const load: PageServerLoad = async ({ params, setHeaders }) => {
  // The address of this page is the secret: it is told to no other site.
  // (Not no-referrer: browsers then send `Origin: null` with the form, and it is refused as foreign.)
  setHeaders({ 'referrer-policy': 'same-origin' })
  const link = await setupLink(db(), params.token)
  if (link !== 'open') refuse(link)
}

export const actions: Actions = {
  async default(event) {
    const { token } = event.params
    const link = await setupLink(db(), token)
    if (link !== 'open') refuse(link)
    const form = await postedForm(event.request)
    const values = { name: typed(form, 'name'), email: typed(form, 'email') }
    const read = readForm(ownerForm, form)
    if (!read.ok) return fail(400, { values, errors: read.errors })
    const { name, email } = read.values
    const password = await sealPassword(read.values.password)
    const result = await inTransaction((tx) =>
      createOwner(tx, { token, name, email, password }, visitorOf(event)),
    )
    if (!result.ok) refuse(result.reason)
    writeSessionCookie(event.cookies, result.session.token)
    redirect(303, '/admin')
  },
}

function refuse(link: 'used' | 'unknown'): never {
  if (link === 'used')
    error(410, 'This set-up link was used: the shop has its owner. If that is you, please sign in.')
  error(
    404,
    'This set-up link is not good, or not any more. As long as the shop has no owner, it prints a new one each time it starts.',
  )
}
