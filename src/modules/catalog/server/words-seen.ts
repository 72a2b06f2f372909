import { seenMark, type Shown } from '#modules/platform/server/index.ts'
import type { ProductText } from './store.products.ts'

/** A mark of a product's words as somebody saw them, for the form in which they are edited. */
export function wordsSeen(text: ProductText): string {
  return seenMark(shownWords(text))
}

export function shownWords({ title, slug, summary, descriptionMd, position }: ProductText): Shown {
  return { title, slug, summary, descriptionMd, position }
}
