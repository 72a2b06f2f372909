import { storeProduct } from '#modules/catalog/server/index.ts'
import { renderMarkdown } from '#modules/platform/markdown.ts'
import type { Db } from '#modules/platform/server/index.ts'
import {
  isEmpty,
  questionsIn,
  type FrontSection,
  type Ground,
  type SectionKind,
} from '#modules/site/front-sections.ts'
import { groundsCss } from '#modules/site/palette-css.ts'
import type { SiteIdentity } from '#modules/site/types.ts'
import { describeCards, type StoreCard } from './cards.ts'

/** A section with what it shows. */
interface ShownSection {
  readonly id: string
  readonly kind: SectionKind
  readonly ground: Ground
  readonly title: string
  readonly html?: string
  readonly quote?: string
  readonly asked?: readonly { readonly question: string; readonly answerHtml: string }[]
  readonly card?: StoreCard
}

interface ShownFront {
  readonly sections: readonly ShownSection[]
  /** For a style element; '' where every section stands on the page's own ground. */
  readonly css: string
}

/** What of the sections has something to say, in their order. */
export async function shownSections(
  db: Db,
  site: Pick<SiteIdentity, 'brandColour' | 'paper' | 'aboutMd'>,
  sections: readonly FrontSection[],
): Promise<ShownFront> {
  const shown = await Promise.all(
    sections
      .filter((one) => !one.isHidden && !isEmpty(one) && (one.kind !== 'about' || site.aboutMd))
      .map((one) => filled(db, one)),
  )
  const there = shown.filter((one) => one !== undefined)
  return {
    sections: there,
    css: groundsCss(site.brandColour, site.paper, new Set(there.map((one) => one.ground))),
  }
}

async function filled(db: Db, one: FrontSection): Promise<ShownSection | undefined> {
  const { id, kind, ground, title, body } = one
  const base = { id, kind, ground, title }
  switch (kind) {
    case 'words':
      return { ...base, html: renderMarkdown(body, { topHeading: 3 }) }
    case 'questions':
      return {
        ...base,
        asked: questionsIn(body).map(({ question, answer }) => ({
          question,
          answerHtml: renderMarkdown(answer, { topHeading: 4 }),
        })),
      }
    case 'quote':
      return { ...base, quote: body }
    case 'picked': {
      const card = await cardAt(db, body)
      return card && { ...base, card }
    }
    case 'opening':
    case 'range':
    case 'about':
      return base
  }
}

/** The product at an address, or where it has moved to; undefined when it is not sold (any more). */
async function cardAt(db: Db, slug: string): Promise<StoreCard | undefined> {
  let found = await storeProduct(db, slug)
  if (found.found === 'moved') found = await storeProduct(db, found.slug)
  return found.found === 'product' ? (await describeCards(db, [found.product]))[0] : undefined
}
