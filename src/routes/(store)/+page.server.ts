import { error } from '@sveltejs/kit'
import { productKindsInStore, storeProducts } from '#modules/catalog/server/index.ts'
import { postCards } from '#modules/content/server/index.ts'
import { plansOnOffer } from '#modules/memberships/server/index.ts'
import { renderMarkdown } from '#modules/platform/markdown.ts'
import { db, publicData } from '#modules/platform/server/index.ts'
import { draftedIdentity, frontSections, siteIdentity } from '#modules/site/server/index.ts'
import { describeCards, kindWords } from './cards.ts'
import { adFor } from './ads.server.ts'
import { isDraftAsked } from './draft.server.ts'
import { shownSections } from './shown-sections.server.ts'
import type { PageServerLoad } from './$types'

/** A page of the range. Twelve covers look like a series; more are a catalogue and get pages. */
const pageSize = 24
/** The newest ones; all of them have a page of their own. */
const postsOnFront = 3

export const load: PageServerLoad = async (event) => {
  const { url } = event
  const kind = url.searchParams.get('kind') ?? undefined
  const page = Number(url.searchParams.get('page') ?? '1')
  if (!Number.isInteger(page) || page < 1 || page > 1_000) error(404, 'There is no such page.')
  const isFront = kind === undefined && page === 1
  const shown = await publicData(`front ${page} ${kind ?? ''}`, () => range(kind, page))
  return {
    ...shown,
    isFront,
    plans: isFront ? await plansOnOffer(db()) : [],
    posts: isFront ? await publicData('front posts', newestPosts) : { items: [], total: 0 },
    front: isFront
      ? isDraftAsked(event)
        ? await draftedSections()
        : await publicData('front sections shown', publishedSections)
      : undefined,
    ad: await adFor(event, 'front'),
  }
}

const newestPosts = () => postCards(db(), { limit: postsOnFront, offset: 0 })

async function publishedSections() {
  const [site, sections] = await Promise.all([siteIdentity(db()), frontSections(db())])
  return shownSections(db(), site, sections)
}

async function draftedSections() {
  const { site, sections } = await draftedIdentity(db())
  return shownSections(db(), site, sections)
}

async function range(kind: string | undefined, page: number) {
  const [kinds, products, site] = await Promise.all([
    productKindsInStore(db()),
    storeProducts(db(), { kind, limit: pageSize, offset: (page - 1) * pageSize }),
    siteIdentity(db()),
  ])
  if (kind !== undefined && !kinds.some((known) => known.kind === kind))
    error(404, 'There is nothing of this kind here.')
  const pages = Math.max(1, Math.ceil(products.total / pageSize))
  if (page > pages) error(404, 'There is no such page.')

  return {
    cards: await describeCards(db(), products.items),
    total: products.total,
    kind,
    kinds: kinds.map((known) => ({ ...known, words: kindWords(known.kind) })),
    page,
    pages,
    aboutHtml: site.aboutMd && renderMarkdown(site.aboutMd, { topHeading: 3 }),
  }
}
