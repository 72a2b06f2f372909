import { isId } from '#modules/platform/ids.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Keeper, Question } from '../types.ts'
import { acting } from './acting.ts'
import { lockProduct, setMostPerOrder } from './store.products.ts'
import { questionsOf, replaceQuestions } from './store.questions.ts'

/** How many questions a product may have: a buyer answers them before paying. */
export const mostQuestions = 20

/** What is asked before one of these products is bought; products without questions are left out. */
export async function questionsFor(
  db: Db,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Question[]>> {
  return questionsOf(db, productIds.filter(isId))
}

export type SellingTerms = {
  readonly mostPerOrder: number
  readonly questions: readonly (Omit<Question, 'id'> & { readonly id: string | undefined })[]
}

/**
 * How a product is bought: how many at once, and what its buyers are asked. Answers that were given stay. false: no such
 * product. Throws for more questions than there may be; the form has told so before.
 */
export async function setSellingTerms(
  tx: Tx,
  by: Keeper,
  productId: string,
  terms: SellingTerms,
): Promise<boolean> {
  if (terms.questions.length > mostQuestions)
    throw new RangeError(`A product has at most ${mostQuestions} questions.`)
  const product = isId(productId) ? await lockProduct(tx, productId) : undefined
  if (!product) return false
  await setMostPerOrder(tx, productId, terms.mostPerOrder)
  await replaceQuestions(tx, productId, terms.questions)
  await audit(tx, {
    actor: acting(by),
    action: 'product.selling_terms_set',
    subject: { kind: 'product', id: productId },
    detail: { mostPerOrder: terms.mostPerOrder, questions: terms.questions.length },
  })
  return true
}
