import { createHash } from 'node:crypto'
import type { ProductText } from './store.products.ts'

/** A mark of a product's words as somebody saw them: the same words, the same mark. For forms, so that a save over another is noticed. */
export function wordsSeen(text: ProductText): string {
  const words = [text.title, text.slug, text.summary, text.descriptionMd, text.position]
  return createHash('sha256').update(JSON.stringify(words)).digest('base64url').slice(0, 22)
}
