import { mostPerOrderForm, questionForm } from '#modules/catalog/schemas.ts'
import {
  addQuestion,
  editQuestion,
  limitPerOrder,
  moveQuestion,
  removeQuestion,
  type QuestionResult,
} from '#modules/catalog/server/index.ts'
import type { Asked } from '#modules/catalog/types.ts'
import type { Move } from '#modules/platform/ordering.ts'
import { inTransaction, textField } from '#modules/platform/server/index.ts'
import type { Actions } from './$types'
import { again, done, gone, read, startEdit, type Edit, type EditorPart } from './editing.server.ts'

const moves: Readonly<Record<string, Move>> = { earlier: 'earlier', later: 'later' }

/** Which of the product's two lists of questions a form is about, and where that stands on the page. */
function questionnaire(edit: Edit) {
  const asked: Asked = textField(edit.form, 'asked') === 'booking' ? 'booking' : 'buying'
  const part: EditorPart = asked === 'booking' ? 'intake' : 'selling'
  return { part, of: { productId: edit.productId, asked } }
}

function finish(edit: Edit, result: QuestionResult, part: EditorPart, what = 'saved') {
  if (result.ok) done(edit, part, what)
  if (result.reason === 'not_found') gone()
  return again(part, edit, { '': 'Twenty questions are the most. Take one out first.' }, '', 409)
}

/** How a product is bought: how many at once, and what its buyers are asked. */
export const sellingActions = {
  async limitPerOrder(event) {
    const edit = await startEdit(event)
    const form = read(edit, mostPerOrderForm)
    if (!form.ok) return again('selling', edit, form.errors)
    const { mostPerOrder } = form.values
    if (!(await inTransaction((tx) => limitPerOrder(tx, edit.owner, edit.productId, mostPerOrder))))
      gone()
    done(edit, 'selling')
  },

  async addQuestion(event) {
    const edit = await startEdit(event)
    const { part, of } = questionnaire(edit)
    const form = read(edit, questionForm)
    if (!form.ok) return again(part, edit, form.errors, 'new')
    return finish(
      edit,
      await inTransaction((tx) => addQuestion(tx, edit.owner, of, form.values)),
      part,
      'added',
    )
  },

  async editQuestion(event) {
    const edit = await startEdit(event)
    const { part, of } = questionnaire(edit)
    const questionId = textField(edit.form, 'id')
    const form = read(edit, questionForm)
    if (!form.ok) return again(part, edit, form.errors, questionId)
    return finish(
      edit,
      await inTransaction((tx) => editQuestion(tx, edit.owner, of, questionId, form.values)),
      part,
    )
  },

  async moveQuestion(event) {
    const edit = await startEdit(event)
    const { part, of } = questionnaire(edit)
    const move = moves[textField(edit.form, 'move')]
    if (!move) gone()
    const questionId = textField(edit.form, 'id')
    return finish(
      edit,
      await inTransaction((tx) => moveQuestion(tx, edit.owner, of, questionId, move)),
      part,
      'moved',
    )
  },

  async removeQuestion(event) {
    const edit = await startEdit(event)
    const { part, of } = questionnaire(edit)
    const questionId = textField(edit.form, 'id')
    return finish(
      edit,
      await inTransaction((tx) => removeQuestion(tx, edit.owner, of, questionId)),
      part,
      'removed',
    )
  },
} satisfies Actions
