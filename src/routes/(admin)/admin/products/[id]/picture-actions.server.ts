import { cutText } from '#modules/platform/cut-text.ts'
import { imageLimits, imageProblemWords } from '#modules/catalog/image-rules.ts'
import { pictureForm } from '#modules/catalog/schemas.ts'
import {
  addPicture,
  describePicture,
  discardImage,
  ownerProduct,
  prepareImage,
  removePicture,
  reorderPictures,
} from '#modules/catalog/server/index.ts'
import { uploadProblemWords } from '#modules/downloads/upload-words.ts'
import { moved, type Move } from '#modules/platform/ordering.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import {
  db,
  discardBytes,
  inTransaction,
  log,
  StorageUnavailableError,
  textField,
} from '#modules/platform/server/index.ts'
import type { Actions } from './$types'
import { again, done, gone, read, startEdit } from './editing.server.ts'

const moves: Readonly<Record<string, Move>> = { first: 'first', earlier: 'earlier', later: 'later' }

/** The pictures of a product. Uploads of at most 15 MB are gathered by Kit; the server in front lets no more through. */
export const pictureActions = {
  async addPicture(event) {
    const edit = await startEdit(event)
    const file = edit.form.get('picture')
    if (!(file instanceof File) || file.size === 0)
      return again('pictures', edit, { picture: 'Choose a picture first.' })
    if (file.size > imageLimits.bytes)
      return again('pictures', edit, { picture: imageProblemWords.too_large }, '', 413)
    const prepared = await prepareImage(file.stream()).catch((error: unknown) => {
      if (!(error instanceof StorageUnavailableError)) throw error
      log.error({ reason: error.reason }, error.message)
      return undefined
    })
    if (!prepared)
      return again('pictures', edit, { picture: uploadProblemWords.store_down }, '', 503)
    if (!prepared.ok) {
      const status = prepared.reason === 'busy' ? 503 : 422
      return again('pictures', edit, { picture: imageProblemWords[prepared.reason] }, '', status)
    }
    const alt = cutText(oneLine(textField(edit.form, 'alt')), 300)
    const added = await inTransaction((tx) =>
      addPicture(tx, edit.owner, edit.productId, prepared.image, alt),
    )
    if (added.ok) done(edit, 'pictures', 'added')
    await discardImage(prepared.image)
    if (added.reason === 'not_found') gone()
    return again('pictures', edit, { picture: 'Twelve pictures are the most. Remove one first.' })
  },

  async describePicture(event) {
    const edit = await startEdit(event)
    const form = read(edit, pictureForm)
    if (!form.ok) return again('pictures', edit, form.errors, textField(edit.form, 'image'))
    const { image, alt } = form.values
    const described = await inTransaction((tx) =>
      describePicture(tx, edit.owner, edit.productId, image, alt),
    )
    if (!described) gone()
    done(edit, 'pictures')
  },

  /** By a button: one place, or to the front. */
  async movePicture(event) {
    const edit = await startEdit(event)
    const product = await ownerProduct(db(), edit.productId)
    const move = moves[textField(edit.form, 'move')]
    if (!product || !move) gone()
    const order = moved(
      product.pictures.map((picture) => picture.id),
      textField(edit.form, 'image'),
      move,
    )
    await inTransaction((tx) => reorderPictures(tx, edit.owner, edit.productId, order))
    done(edit, 'pictures', 'moved')
  },

  /** By dragging: all ids in their new order. Another tab may have changed them meanwhile; then nothing happens. */
  async orderPictures(event) {
    const edit = await startEdit(event)
    const order = textField(edit.form, 'order').split(' ').slice(0, 100)
    await inTransaction((tx) => reorderPictures(tx, edit.owner, edit.productId, order))
    done(edit, 'pictures', 'moved')
  },

  async removePicture(event) {
    const edit = await startEdit(event)
    const bytes = await inTransaction((tx) =>
      removePicture(tx, edit.owner, edit.productId, textField(edit.form, 'image')),
    )
    if (!bytes) gone()
    await discardBytes(bytes)
    done(edit, 'pictures', 'removed')
  },
} satisfies Actions
