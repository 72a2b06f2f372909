import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Asked, Question } from '../types.ts'

/** The questions of products, in order. A product has at most 20 of each time. */
export async function questionsOf(
  db: Db,
  productIds: readonly string[],
  asked: Asked = 'buying',
): Promise<ReadonlyMap<string, readonly Question[]>> {
  if (productIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('product_question')
    .select([
      'id',
      'product_id',
      'question',
      'help',
      'answer_kind',
      'choices',
      'is_required as isRequired',
    ])
    .where('product_id', 'in', productIds)
    .where('asked', '=', asked)
    .where('removed_at', 'is', null)
    .orderBy('product_id')
    .orderBy('position')
    .orderBy('id')
    .execute()
  const byProduct = Map.groupBy(rows, (row) => row.product_id)
  return new Map(
    [...byProduct].map(([productId, own]) => [
      productId,
      own.map((row) => ({
        id: row.id,
        question: row.question,
        help: row.help,
        answerKind: row.answer_kind as Question['answerKind'], // held to these words by the table's check
        choices: row.choices,
        isRequired: row.isRequired,
      })),
    ]),
  )
}

/** Puts these in place of the questions there are: known ids are rewritten, others are made, missing ones taken away. */
export async function replaceQuestions(
  tx: Tx,
  productId: string,
  questions: readonly (Omit<Question, 'id'> & { readonly id: string | undefined })[],
  asked: Asked = 'buying',
): Promise<void> {
  const kept = questions.flatMap((question) => (question.id === undefined ? [] : [question.id]))
  await tx
    .updateTable('product_question')
    .set({ removed_at: clockNow })
    .where('product_id', '=', productId)
    .where('asked', '=', asked)
    .where('removed_at', 'is', null)
    .$if(kept.length > 0, (query) => query.where('id', 'not in', kept))
    .execute()
  for (const [position, question] of questions.entries()) {
    const row = {
      position,
      question: question.question,
      help: question.help,
      answer_kind: question.answerKind,
      choices: [...question.choices],
      is_required: question.isRequired,
    }
    if (question.id === undefined)
      await tx
        .insertInto('product_question')
        .values({ product_id: productId, asked, ...row })
        .execute()
    else
      await tx
        .updateTable('product_question')
        .set(row)
        .where('id', '=', question.id)
        .where('product_id', '=', productId)
        .execute()
  }
}

/** Writes down one that was lost, as taken away. Returns the words of the one that is there. */
export async function insertLostQuestion(
  tx: Tx,
  lost: { readonly id: string; readonly productId: string; readonly question: string },
): Promise<string> {
  await tx
    .insertInto('product_question')
    .values({
      id: lost.id,
      product_id: lost.productId,
      position: 0,
      question: lost.question,
      answer_kind: 'lines',
      removed_at: clockNow,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  const row = await tx
    .selectFrom('product_question')
    .select('question')
    .where('id', '=', lost.id)
    .executeTakeFirstOrThrow()
  return row.question
}
