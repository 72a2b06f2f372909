import { redirect } from '@sveltejs/kit'
import {
  archiveProduct,
  deleteProduct,
  duplicateProduct,
  ownerProduct,
  publishProduct,
  restoreProduct,
} from '#modules/catalog/server/index.ts'
import { db, discardBytes, inTransaction } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { productExtras, productKind } from '#boot/server/product-kinds.ts'
import type { Actions } from './$types'
import { again, done, gone, startEdit, type Edit } from './editing.server.ts'

async function kindOf(edit: Edit) {
  const product = await ownerProduct(db(), edit.productId)
  return product ? productKind(product.kind) : gone()
}

/** What becomes of a product as a whole. */
export const stateActions = {
  async publish(event) {
    const edit = await startEdit(event)
    const kind = await kindOf(edit)
    const { currency } = await siteIdentity(db())
    const published = await inTransaction((tx) =>
      publishProduct(tx, edit.owner, edit.productId, kind, currency),
    )
    if (published.ok) done(edit, 'state', 'published')
    switch (published.reason) {
      case 'not_found':
        return gone()
      case 'archived':
        return again(
          'state',
          edit,
          { '': 'It is archived. Bring it back as a draft first.' },
          '',
          409,
        )
      case 'missing':
        return again('state', edit, { '': published.missing.join(' ') }, '', 409)
    }
  },

  async archive(event) {
    const edit = await startEdit(event)
    if (!(await inTransaction((tx) => archiveProduct(tx, edit.owner, edit.productId)))) gone()
    done(edit, 'state', 'archived')
  },

  async restore(event) {
    const edit = await startEdit(event)
    if (!(await inTransaction((tx) => restoreProduct(tx, edit.owner, edit.productId)))) gone()
    done(edit, 'state', 'restored')
  },

  async duplicate(event) {
    const edit = await startEdit(event)
    const kind = await kindOf(edit)
    const copy = await inTransaction(async (tx) => {
      const made = await duplicateProduct(tx, edit.owner, edit.productId, kind)
      if (made) for (const extra of productExtras) await extra.copy(tx, edit.productId, made.id)
      return made
    })
    if (!copy) gone()
    redirect(303, `/admin/products/${copy.id}?done=state.duplicated#state`)
  },

  async delete(event) {
    const edit = await startEdit(event)
    const deleted = await inTransaction((tx) => deleteProduct(tx, edit.owner, edit.productId))
    if (deleted.ok) {
      await discardBytes(deleted.bytes)
      redirect(303, '/admin/products?done=deleted')
    }
    if (deleted.reason === 'not_found') gone()
    const words =
      deleted.reason === 'was_live'
        ? 'It was in the shop already, so its address may be known. Archive it instead.'
        : 'Somebody has begun to buy it. Archive it instead.'
    return again('state', edit, { '': words }, '', 409)
  },
} satisfies Actions
