import { redirect } from '@sveltejs/kit'
import type { PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'

export const load: PageServerLoad = (event) => {
  ownerOnly(event)
  redirect(307, '/admin/orders')
}
