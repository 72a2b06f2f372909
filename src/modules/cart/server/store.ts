import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { Agreement } from '../enclosed.ts'

export async function insertConsents(
  tx: Tx,
  checkoutId: string,
  consents: Agreement['consents'],
  given: { readonly network: string | undefined; readonly at?: Date },
): Promise<void> {
  if (consents.length === 0) return
  await tx
    .insertInto('checkout_consent')
    .values(
      consents.map(({ kind, words }) => ({
        checkout_id: checkoutId,
        kind,
        words,
        network: given.network ?? null,
        ...(given.at ? { at: given.at } : {}),
      })),
    )
    .execute()
}

export async function insertAnswers(
  tx: Tx,
  checkoutId: string,
  answers: Agreement['answers'],
): Promise<void> {
  if (answers.length === 0) return
  await tx
    .insertInto('checkout_answer')
    .values(
      answers.map((answer) => ({
        checkout_id: checkoutId,
        position: answer.position,
        question_id: answer.questionId,
        question: answer.question,
        answer: answer.answer,
      })),
    )
    .execute()
}

export async function consentsOf(db: Db, checkoutId: string) {
  return db
    .selectFrom('checkout_consent')
    .select(['kind', 'words', 'at', 'network'])
    .where('checkout_id', '=', checkoutId)
    .orderBy('kind')
    .execute()
}

export async function answersOf(db: Db, checkoutId: string) {
  return db
    .selectFrom('checkout_answer')
    .innerJoin('product_question', 'product_question.id', 'checkout_answer.question_id')
    .select(['checkout_answer.position', 'checkout_answer.question', 'checkout_answer.answer'])
    .where('checkout_answer.checkout_id', '=', checkoutId)
    .orderBy('checkout_answer.position')
    .orderBy('product_question.position')
    .limit(500)
    .execute()
}
