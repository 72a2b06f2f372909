import { error, redirect } from '@sveltejs/kit'
import { postFor } from '#modules/content/server/index.ts'
import { askedOfReader, discussionFor } from '#modules/community/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { db } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { adFor } from '../../ads.server.ts'
import { discussionActions } from './discussion-actions.server.ts'
import { saidWords } from './said.ts'
import { waysIn } from './ways-in.server.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const { params, locals, url } = event
  const page = Math.trunc(Number(url.searchParams.get('comments'))) || 1
  const { actor } = locals
  const found = await postFor(db(), params.slug, actor, actor && askedOfReader(db(), actor, page))
  if (found.found === 'moved') redirect(301, `/posts/${found.slug}`)
  if (found.found === 'none') error(404, 'There is no post at this address.')
  const { post, earlier, later } = found
  const site = await siteIdentity(db())
  const editing = url.searchParams.get('edit') ?? ''
  return {
    post,
    earlier,
    later,
    ways: post.openers && (await waysIn(post.openers, locals.actor)),
    isSignedIn: locals.actor !== undefined,
    discussion: await discussionFor(db(), post, locals.actor, {
      page,
      ownerName: site.ownerName || site.name,
      answered: found.beside,
    }),
    said: saidWords(url.searchParams.get('said')),
    /** They come from subscribing. */
    hasBegun: locals.actor !== undefined && url.searchParams.get('said') === 'begun',
    editing: isId(editing) ? editing : undefined,
    ad: await adFor(event, 'page'),
  }
}

export const actions = discussionActions satisfies Actions
