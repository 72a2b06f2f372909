import { isId } from '#modules/platform/ids.ts'
import { moved, type Move } from '#modules/platform/ordering.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Asked, Keeper, Question } from '../types.ts'
import { acting } from './acting.ts'
import { lockProduct, setMostPerOrder } from './store.products.ts'
import { insertLostQuestion, questionsOf, replaceQuestions } from './store.questions.ts'

/** How many questions a product may have, of each time they are asked at. */
export const mostQuestions = 20

/** What is asked when one of these products is bought, or a time of it is booked; products without questions are left out. */
export async function questionsFor(
  db: Db,
  productIds: readonly string[],
  asked: Asked = 'buying',
): Promise<ReadonlyMap<string, readonly Question[]>> {
  return questionsOf(db, productIds.filter(isId), asked)
}

/**
 * A question that was answered and that this database may not know, because it came back from an older copy: it is then there
 * as one that was taken away, so that its answer has something to stand by. Returns the question's words as they are here.
 */
export async function rememberQuestion(
  tx: Tx,
  lost: { readonly id: string; readonly productId: string; readonly question: string },
): Promise<string> {
  return insertLostQuestion(tx, lost)
}

/** Sets how many of a product one order may hold (1 to 999). On record. false: no such product. */
export async function limitPerOrder(
  tx: Tx,
  by: Keeper,
  productId: string,
  most: number,
): Promise<boolean> {
  const product = await lockProduct(tx, productId)
  if (!product) return false
  await setMostPerOrder(tx, productId, most)
  await audit(tx, {
    actor: acting(by),
    action: 'product.limited_per_order',
    subject: { kind: 'product', id: productId },
    detail: { mostPerOrder: most },
  })
  return true
}

/** A question as the owner words it. */
export type QuestionWords = Omit<Question, 'id'>

/** A product, and when its questions are asked. */
export interface Questionnaire {
  readonly productId: string
  readonly asked: Asked
}

export type QuestionResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'full' }

/** Asks one thing more, after the others. full: there are as many as there may be. On record. */
export async function addQuestion(
  tx: Tx,
  by: Keeper,
  of: Questionnaire,
  question: QuestionWords,
): Promise<QuestionResult> {
  return revise(tx, by, of, (known) => [...known, { ...question, id: undefined }])
}

/** Asks a thing in other words. Answers that were given keep the words they were given to. On record. */
export async function editQuestion(
  tx: Tx,
  by: Keeper,
  of: Questionnaire,
  questionId: string,
  question: QuestionWords,
): Promise<QuestionResult> {
  return revise(tx, by, of, (known) =>
    known.some((one) => one.id === questionId)
      ? known.map((one) => (one.id === questionId ? { ...question, id: questionId } : one))
      : undefined,
  )
}

/** Asks it a place earlier or later. One that is gone moves nothing. On record. */
export async function moveQuestion(
  tx: Tx,
  by: Keeper,
  of: Questionnaire,
  questionId: string,
  move: Move,
): Promise<QuestionResult> {
  return revise(tx, by, of, (known) => {
    const byId = new Map(known.map((one) => [one.id, one]))
    return moved([...byId.keys()], questionId, move).flatMap((id) => byId.get(id) ?? [])
  })
}

/** Does not ask it any more; answers that were given stay. One that is gone already is no problem. On record. */
export async function removeQuestion(
  tx: Tx,
  by: Keeper,
  of: Questionnaire,
  questionId: string,
): Promise<QuestionResult> {
  return revise(tx, by, of, (known) => known.filter((one) => one.id !== questionId))
}

/** The product's row is locked meanwhile: of two who change the questions at once, the second sees what the first did. */
async function revise(
  tx: Tx,
  by: Keeper,
  of: Questionnaire,
  change: (
    known: readonly Question[],
  ) => readonly (QuestionWords & { readonly id: string | undefined })[] | undefined,
): Promise<QuestionResult> {
  const { productId, asked } = of
  if (!(await lockProduct(tx, productId))) return { ok: false, reason: 'not_found' }
  const questions = change((await questionsOf(tx, [productId], asked)).get(productId) ?? [])
  if (!questions) return { ok: false, reason: 'not_found' }
  if (questions.length > mostQuestions) return { ok: false, reason: 'full' }
  await replaceQuestions(tx, productId, questions, asked)
  await audit(tx, {
    actor: acting(by),
    action: 'product.questions_changed',
    subject: { kind: 'product', id: productId },
    detail: { asked, questions: questions.length },
  })
  return { ok: true }
}
