import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { passwordFault, passwordFaultWords } from '#modules/accounts/password-rules.ts'
import type { FormErrors } from '#modules/accounts/form-errors.ts'
import { readForm, typed, welcomeForm } from '#modules/accounts/schemas.ts'
import {
  changePassword,
  confirmItIsMe,
  memberOnly,
  rename,
  sealPassword,
  visitorOf,
  writeSessionCookie,
} from '#modules/accounts/server/index.ts'
import { newsletterWording } from '#modules/content/newsletter-words.ts'
import { hasPosts, joinNewsletter } from '#modules/content/server/index.ts'
import { db, inTransaction, postedForm } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** Once, after the account came into being: a name and a password, both as one likes. */
export const load: PageServerLoad = async (event) => {
  const { email, name } = memberOnly(event)
  const [offersPosts, site] = await Promise.all([hasPosts(db()), siteIdentity(db())])
  return { email, name, posts: offersPosts ? newsletterWording(site.name) : undefined }
}

function again(name: string, errors: FormErrors) {
  return fail(400, { values: { name }, errors })
}

export const actions: Actions = {
  async default(event) {
    const actor = memberOnly(event)
    const form = await postedForm(event.request)
    const typedName = typed(form, 'name')
    const read = readForm(welcomeForm, form)
    if (!read.ok) return again(typedName, read.errors)
    const { name, newPassword } = read.values
    const fault = newPassword === '' ? undefined : passwordFault(newPassword, actor.email)
    if (fault) return again(typedName, { newPassword: passwordFaultWords[fault] })

    const confirmation = newPassword === '' ? undefined : await confirmItIsMe(db(), actor, '')
    if (newPassword !== '' && !confirmation) {
      const words = 'Your account has a password already. You can change it in your settings.'
      return again(typedName, { newPassword: words })
    }
    const wantsPosts = typed(form, 'posts') === 'yes'
    const wording = newsletterWording((await siteIdentity(db())).name)
    const sealed = newPassword === '' ? undefined : await sealPassword(newPassword)
    const session = await inTransaction(async (tx) => {
      await rename(tx, actor, name)
      if (wantsPosts) await joinNewsletter(tx, actor, { wording, where: 'welcome' })
      return confirmation && sealed
        ? changePassword(tx, confirmation, sealed, visitorOf(event))
        : undefined
    })
    if (session) writeSessionCookie(event.cookies, session.token)
    redirect(303, '/dashboard')
  },
}
