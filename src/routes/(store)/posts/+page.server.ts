import { postPage } from './post-page.server.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = ({ url }) => postPage(url)
