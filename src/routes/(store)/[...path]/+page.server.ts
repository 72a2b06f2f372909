import { error } from '@sveltejs/kit'
import type { PageServerLoad } from './$types'

/** An address that leads nowhere still lands in the shop, in its own colours and with a way on. */
export const load: PageServerLoad = () => {
  error(404)
}
