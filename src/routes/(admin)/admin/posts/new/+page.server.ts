import { fail, redirect } from '@sveltejs/kit'
import { readForm, typed } from '#modules/accounts/schemas.ts'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { newPostForm } from '#modules/content/schemas.ts'
import { beginPost } from '#modules/content/server/index.ts'
import { inTransaction, postedForm } from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = (event) => {
  ownerOnly(event)
}

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const read = readForm(newPostForm, form)
    if (!read.ok) return fail(400, { title: typed(form, 'title'), errors: read.errors })
    const { id } = await inTransaction((tx) => beginPost(tx, owner, read.values))
    redirect(303, `/admin/posts/${id}`)
  },
}
