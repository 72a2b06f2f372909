import { error } from '@sveltejs/kit'
import { storeProduct } from '#modules/catalog/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { sharePicture } from './share-picture.ts'
import type { RequestHandler } from './$types'

/** The picture beside a shared link: /pictures/shop.png and /pictures/<slug of a product>.png. */
export const GET: RequestHandler = async ({ params }) => {
  const slug = /^([a-z0-9-]{1,90})\.png$/.exec(params.name)?.[1]
  if (!slug) error(404, 'There is no picture at this address.')
  const site = await siteIdentity(db())
  const title = slug === 'shop' ? site.name : await titleAt(slug)
  const picture = await sharePicture({
    title,
    shop: slug === 'shop' ? site.sentence : site.name,
    brand: site.brandColour,
    paper: site.paper,
  })
  return new Response(new Uint8Array(picture), {
    headers: { 'content-type': 'image/png', 'cache-control': 'public, max-age=86400' },
  })
}

async function titleAt(slug: string): Promise<string> {
  const found = await storeProduct(db(), slug)
  if (found.found !== 'product') error(404, 'There is no picture at this address.')
  return found.product.title
}
