import { addPart, movePart, removePart, type PartsResult } from '#modules/bundles/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import type { Move } from '#modules/platform/ordering.ts'
import { inTransaction, textField } from '#modules/platform/server/index.ts'
import type { Actions } from './$types'
import { again, done, gone, startEdit, type Edit } from './editing.server.ts'

const moves: Readonly<Record<string, Move>> = { earlier: 'earlier', later: 'later' }

function finish(edit: Edit, result: PartsResult, what: string) {
  if (result.ok) done(edit, 'parts', what)
  if (result.reason === 'not_found') gone()
  return again(
    'parts',
    edit,
    { part: 'Twenty products are the most. Take one out first.' },
    '',
    409,
  )
}

/** What a bundle holds. */
export const bundleActions = {
  async addPart(event) {
    const edit = await startEdit(event)
    const part = textField(edit.form, 'part')
    if (!isId(part)) return again('parts', edit, { part: 'Choose a product first.' })
    return finish(
      edit,
      await inTransaction((tx) => addPart(tx, edit.owner, edit.productId, part)),
      'added',
    )
  },

  async movePart(event) {
    const edit = await startEdit(event)
    const move = moves[textField(edit.form, 'move')]
    if (!move) gone()
    const part = textField(edit.form, 'part')
    return finish(
      edit,
      await inTransaction((tx) => movePart(tx, edit.owner, edit.productId, part, move)),
      'moved',
    )
  },

  async removePart(event) {
    const edit = await startEdit(event)
    const part = textField(edit.form, 'part')
    return finish(
      edit,
      await inTransaction((tx) => removePart(tx, edit.owner, edit.productId, part)),
      'removed',
    )
  },
} satisfies Actions
