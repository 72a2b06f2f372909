import { postPage } from '../../post-page.server.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = ({ params, url }) => postPage(url, params.category)
