import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { changesBetween } from '#modules/site/look-settings.ts'
import { dropDraft, lookDraft, publishDraft, wornLook } from '#modules/site/server/index.ts'
import { versionSeen } from '../draft-form.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const [draft, worn] = await Promise.all([lookDraft(db()), wornLook(db())])
  return {
    changes: changesBetween(worn, draft.settings),
    published: event.url.searchParams.has('published'),
  }
}

export const actions: Actions = {
  async publish(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const seen = versionSeen(textField(form, 'seen')) ?? -1
    const done = await inTransaction((tx) => publishDraft(tx, owner, seen))
    if (done.ok) redirect(303, '/admin/settings/look/publish?published')
    return fail(409, {
      problem:
        done.reason === 'no_draft'
          ? 'There is no draft: the shop wears what you see.'
          : 'The draft was changed after you opened this page. Look at it again before it is published.',
    })
  },

  async drop(event) {
    const owner = ownerOnly(event)
    await inTransaction((tx) => dropDraft(tx, owner))
    redirect(303, '/admin/settings/look')
  },
}
