import { error } from '@sveltejs/kit'
import { personAt } from '#modules/community/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ params }) => {
  const person = await personAt(db(), params.name)
  if (!person) error(404, 'Nobody shows a page at this address.')
  return { person }
}
