import { error } from '@sveltejs/kit'
import { postFor } from '#modules/content/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { sharePicture } from '../../../pictures/[name]/share-picture.ts'
import type { RequestHandler } from './$types'

/** The picture beside a shared link to a post: drawn from its title, which everybody may read. */
export const GET: RequestHandler = async ({ params }) => {
  const [site, found] = await Promise.all([
    siteIdentity(db()),
    postFor(db(), params.slug, undefined),
  ])
  if (found.found !== 'post') error(404, 'There is no picture at this address.')
  const picture = await sharePicture({
    title: found.post.title,
    shop: site.name,
    brand: site.brandColour,
    paper: site.paper,
  })
  return new Response(new Uint8Array(picture), {
    headers: { 'content-type': 'image/png', 'cache-control': 'public, max-age=86400' },
  })
}
