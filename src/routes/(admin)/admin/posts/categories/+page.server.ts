import { error, fail, redirect } from '@sveltejs/kit'
import { readForm, typed } from '#modules/accounts/schemas.ts'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { categoryForm } from '#modules/content/schemas.ts'
import {
  categoriesWithCounts,
  removeCategory,
  renameCategory,
} from '#modules/content/server/index.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

const gone = 'There is no such category (any more).'
const told = ['renamed', 'merged', 'removed'] as const

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const asked = event.url.searchParams.get('done')
  return {
    categories: await categoriesWithCounts(db()),
    done: told.find((one) => one === asked),
  }
}

export const actions: Actions = {
  rename: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const slug = typed(form, 'slug')
    const read = readForm(categoryForm, form)
    const again = (status: number, problem: string) =>
      fail(status, { slug, title: typed(form, 'title'), problem })
    if (!read.ok) return again(400, Object.values(read.errors)[0] ?? 'Give it a name.')
    const { title, seen } = read.values
    const renamed = await inTransaction((tx) => renameCategory(tx, owner, slug, title, seen))
    if (renamed.ok)
      redirect(303, `/admin/posts/categories?done=${renamed.merged ? 'merged' : 'renamed'}`)
    if (renamed.reason === 'not_found') error(404, gone)
    return again(409, 'It was renamed meanwhile. Look at its name once more.')
  },

  remove: async (event) => {
    const owner = ownerOnly(event)
    const slug = textField(await postedForm(event.request), 'slug').slice(0, 100)
    if (!(await inTransaction((tx) => removeCategory(tx, owner, slug)))) error(404, gone)
    redirect(303, '/admin/posts/categories?done=removed')
  },
}
