import { storeProducts } from '#modules/catalog/server/index.ts'
import { plansOnOffer } from '#modules/memberships/server/index.ts'
import { postCards, postCategories } from '#modules/content/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { sitePages } from '#modules/site/server/index.ts'
import type { RequestHandler } from './$types'

/** Asked for in slices of what the catalogue gives at once. */
const slice = 200
const postSlice = 100
/** A sitemap may hold 50,000 addresses (sitemaps.org); a shop of one person is far below. */
const most = 10_000

/** Every public page that should be found. Slugs are made of a-z, 0-9 and dashes: nothing to escape. */
export const GET: RequestHandler = async () => {
  const { origin } = runtime().settings
  const paths = ['/']
  for (let offset = 0; offset < most; offset += slice) {
    const products = await storeProducts(db(), { limit: slice, offset })
    paths.push(...products.items.map((product) => `/p/${product.slug}`))
    if (products.items.length < slice) break
  }
  if ((await plansOnOffer(db())).length > 0) paths.push('/plans')
  for (let offset = 0; offset < most; offset += postSlice) {
    const posts = await postCards(db(), { limit: postSlice, offset })
    if (offset === 0 && posts.total > 0) paths.push('/posts')
    paths.push(...posts.items.map((post) => `/posts/${post.slug}`))
    if (posts.items.length < postSlice) break
  }
  const categories = await postCategories(db())
  paths.push(...categories.map((category) => `/posts/category/${category.slug}`))
  const pages = await sitePages(db())
  paths.push(
    ...pages.filter((page) => page.bodyMd && !page.isExample).map((page) => `/pages/${page.slug}`),
  )
  const urls = paths.map((path) => `<url><loc>${origin}${path}</loc></url>`).join('\n')
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${urls}\n</urlset>\n`,
    { headers: { 'content-type': 'application/xml; charset=utf-8' } },
  )
}
