import { fail, redirect } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { readForm, typed } from '#modules/accounts/schemas.ts'
import { profileForm } from '#modules/community/schemas.ts'
import { profileOf, saveProfile } from '#modules/community/server/index.ts'
import {
  changingPublicData,
  db,
  inTransaction,
  postedForm,
} from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const member = memberOnly(event)
  return {
    profile: await profileOf(db(), member),
    isOwner: member.kind === 'owner',
    isDone: event.url.searchParams.get('done') === 'saved',
  }
}

export const actions: Actions = {
  default: async (event) => {
    const member = memberOnly(event)
    const form = await postedForm(event.request)
    const again = (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, {
        errors,
        values: {
          name: typed(form, 'name'),
          about: typed(form, 'about'),
          isShown: form.has('isShown'),
          showsPicture: form.has('showsPicture'),
          mailsReplies: form.has('mailsReplies'),
          mailsComments: form.has('mailsComments'),
        },
      })
    const read = readForm(profileForm, form)
    if (!read.ok) return again(400, read.errors)
    const saved = await changingPublicData(() =>
      inTransaction((tx) => saveProfile(tx, member, read.values)),
    )
    if (!saved.ok) return again(422, { name: saved.words })
    redirect(303, '/dashboard/profile?done=saved')
  },
}
