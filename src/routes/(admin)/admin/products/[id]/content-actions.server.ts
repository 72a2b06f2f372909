import { fail } from '@sveltejs/kit'
import {
  fileForm,
  limitForm,
  linkForm,
  snippetForm,
  versionForm,
  wordsForm,
} from '#modules/downloads/schemas.ts'
import {
  addItem,
  downloadContents,
  editItem,
  editVersion,
  editWords,
  limitDownloads,
  removeItem,
  removeVersion,
  reorderItems,
  contentMarks,
  shownContents,
  type ContentResult,
  type SavedResult,
} from '#modules/downloads/server/index.ts'
import { moved, type Move } from '#modules/platform/ordering.ts'
import { db, inTransaction, textField } from '#modules/platform/server/index.ts'
import type { Actions } from './$types'
import { again, done, gone, read, startEdit, valuesOf, type Edit } from './editing.server.ts'

const moves: Readonly<Record<string, Move>> = { first: 'first', earlier: 'earlier', later: 'later' }

function finish(edit: Edit, result: ContentResult, what = 'saved') {
  if (result.ok) done(edit, 'contents', what)
  if (result.reason === 'not_found') gone()
  return again(
    'contents',
    edit,
    { '': 'A hundred things are the most. Remove one first.' },
    '',
    409,
  )
}

const labels: Readonly<Record<string, string>> = {
  greeting: 'Greeting',
  directionsMd: 'Directions',
  title: 'Title',
  note: 'Note',
  url: 'Web address',
  body: 'Text to copy',
  language: 'Language',
  label: 'Version',
  changes: 'What is new',
}

/** finish() of a form that may have been filled before somebody else saved. item: the one of several forms it was. */
async function finishSaved(edit: Edit, result: SavedResult, item: string) {
  if (result.ok || result.reason !== 'changed') return finish(edit, result)
  const contents = await downloadContents(db(), edit.productId)
  const shown = shownContents(contents).get(item)
  const values = valuesOf(edit.form)
  return fail(409, {
    part: 'contents' as const,
    item,
    values: { ...values, seen: contentMarks(contents)[item] ?? '' },
    errors: {},
    stored: Object.entries(shown ?? {}).flatMap(([name, text]) =>
      typeof text !== 'string' || text === (values[name] ?? '')
        ? []
        : [{ label: labels[name] ?? name, text }],
    ),
  })
}

const seenIn = (edit: Edit) => textField(edit.form, 'seen') || undefined

/** Reads the fields of a new or changed item by its kind. */
function readItem(edit: Edit) {
  switch (textField(edit.form, 'kind')) {
    case 'file': {
      const form = read(edit, fileForm)
      return form.ok ? { ok: true as const, item: { kind: 'file' as const, ...form.values } } : form
    }
    case 'link': {
      const form = read(edit, linkForm)
      return form.ok ? { ok: true as const, item: { kind: 'link' as const, ...form.values } } : form
    }
    case 'snippet': {
      const form = read(edit, snippetForm)
      return form.ok
        ? { ok: true as const, item: { kind: 'snippet' as const, ...form.values } }
        : form
    }
    default:
      return gone()
  }
}

/** What buyers of a download get. Files arrive at ./files. */
export const contentActions = {
  async contentWords(event) {
    const edit = await startEdit(event)
    const form = read(edit, wordsForm)
    if (!form.ok) return again('contents', edit, form.errors, 'words')
    const { owner, productId } = edit
    const result = await inTransaction((tx) =>
      editWords(tx, owner, productId, form.values, seenIn(edit)),
    )
    return finishSaved(edit, result, 'words')
  },

  async addItem(event) {
    const edit = await startEdit(event)
    const read = readItem(edit)
    if (!read.ok) return again('contents', edit, read.errors, `new-${textField(edit.form, 'kind')}`)
    const { item } = read
    if (item.kind === 'file') gone() // a file comes with its bytes
    const added = await inTransaction((tx) => addItem(tx, edit.owner, edit.productId, item))
    return finish(edit, added.ok ? { ok: true } : added, 'added')
  },

  async editItem(event) {
    const edit = await startEdit(event)
    const itemId = textField(edit.form, 'item')
    const read = readItem(edit)
    if (!read.ok) return again('contents', edit, read.errors, itemId)
    const { owner, productId } = edit
    const result = await inTransaction((tx) =>
      editItem(tx, owner, productId, itemId, read.item, seenIn(edit)),
    )
    return finishSaved(edit, result, itemId)
  },

  async moveItem(event) {
    const edit = await startEdit(event)
    const move = moves[textField(edit.form, 'move')]
    if (!move) gone()
    const { items } = await downloadContents(db(), edit.productId)
    const order = moved(
      items.map((item) => item.id),
      textField(edit.form, 'item'),
      move,
    )
    const result = await inTransaction((tx) => reorderItems(tx, edit.owner, edit.productId, order))
    return finish(edit, result, 'moved')
  },

  /** By dragging: all ids in their new order. Another tab may have changed them meanwhile; then nothing happens. */
  async orderItems(event) {
    const edit = await startEdit(event)
    const order = textField(edit.form, 'order').split(' ').slice(0, 200)
    await inTransaction((tx) => reorderItems(tx, edit.owner, edit.productId, order))
    done(edit, 'contents', 'moved')
  },

  async removeItem(event) {
    const edit = await startEdit(event)
    const itemId = textField(edit.form, 'item')
    return finish(
      edit,
      await inTransaction((tx) => removeItem(tx, edit.owner, edit.productId, itemId)),
      'removed',
    )
  },

  async limit(event) {
    const edit = await startEdit(event)
    const form = read(edit, limitForm)
    if (!form.ok) return again('contents', edit, form.errors, 'limit')
    return finish(
      edit,
      await inTransaction((tx) => limitDownloads(tx, edit.owner, edit.productId, form.values.most)),
    )
  },

  async editVersion(event) {
    const edit = await startEdit(event)
    const of = versionOf(edit)
    const form = read(edit, versionForm)
    if (!form.ok) return again('contents', edit, form.errors, of.versionId)
    const { label, changes } = form.values
    if (label === '')
      return again(
        'contents',
        edit,
        { label: 'Give the version a name, such as 1.1.' },
        of.versionId,
      )
    const result = await inTransaction((tx) =>
      editVersion(tx, edit.owner, of, { label, changes }, seenIn(edit)),
    )
    return finishSaved(edit, result, of.versionId)
  },

  async removeVersion(event) {
    const edit = await startEdit(event)
    const of = versionOf(edit)
    const removed = await inTransaction((tx) => removeVersion(tx, edit.owner, of))
    if (removed.ok) done(edit, 'contents', 'removed')
    if (removed.reason === 'not_found') gone()
    return again(
      'contents',
      edit,
      { '': 'A file keeps at least one version. Remove the file instead.' },
      of.versionId,
      409,
    )
  },
} satisfies Actions

function versionOf(edit: Edit) {
  return {
    productId: edit.productId,
    itemId: textField(edit.form, 'item'),
    versionId: textField(edit.form, 'version'),
  }
}
