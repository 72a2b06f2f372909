import { error, redirect } from '@sveltejs/kit'
import { postFor } from '#modules/content/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { adFor } from '../../ads.server.ts'
import { waysIn } from './ways-in.server.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const { params, locals } = event
  const found = await postFor(db(), params.slug, locals.actor)
  if (found.found === 'moved') redirect(301, `/posts/${found.slug}`)
  if (found.found === 'none') error(404, 'There is no post at this address.')
  const { post, earlier, later } = found
  return {
    post,
    earlier,
    later,
    ways: post.openers && (await waysIn(post.openers, locals.actor)),
    isSignedIn: locals.actor !== undefined,
    ad: await adFor(event, 'page'),
  }
}
