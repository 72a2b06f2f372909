import { makeOwn, productTitles } from '#modules/catalog/server/index.ts'
import type { Keeper } from '#modules/catalog/types.ts'
import { isReordering } from '#modules/platform/ordering.ts'
import {
  keepFile,
  overwrites,
  type Shown,
  type StoredBytes,
  type Tx,
} from '#modules/platform/server/index.ts'
import { nextLabel } from '../contents-words.ts'
import { titleFromFileName } from '../file-name.ts'
import { contentLimits } from '../types.ts'
import { shownContents, shownContentWords, shownItem, shownVersion } from './shown-contents.ts'
import {
  findContents,
  insertItem,
  insertVersion,
  itemIds,
  itemKind,
  lockDownload,
  markItemRemoved,
  markVersionRemoved,
  versionsOf,
  writeItem,
  writeOrder,
  writeVersion,
  writeWords,
  type NewItem,
} from './store.contents.ts'

// NOTE: contents are neither money nor visibility, so the audit trail does not follow them; `by` proves who asks.
// Buyers see every change at once: what a product holds is looked up when it is read, never copied to a purchase.

export type ContentResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'too_many' }

/** changed: somebody saved what the form's writer has not seen, and nothing was written. */
export type SavedResult = ContentResult | { readonly ok: false; readonly reason: 'changed' }

export type AddResult =
  | { readonly ok: true; readonly itemId: string }
  | { readonly ok: false; readonly reason: 'not_found' | 'too_many' }

/** As stored in product.kind. */
export const kindName = 'download'

/** Whether the product is a download; if so, everything that changes its contents waits for this transaction. */
export async function isDownload(tx: Tx, productId: string): Promise<boolean> {
  const product = (await productTitles(tx, [productId])).get(productId)
  if (product?.kind !== kindName) return false
  await lockDownload(tx, productId)
  return true
}

/** The same for somebody who is about to change them. */
async function mayChange(tx: Tx, by: Keeper, productId: string): Promise<boolean> {
  if (!(await isDownload(tx, productId))) return false
  await makeOwn(tx, by, productId)
  return true
}

/** Writes the greeting (one sentence) and the directions (Markdown) that stand above the items. seen: the form's mark. */
export async function editWords(
  tx: Tx,
  by: Keeper,
  productId: string,
  words: { readonly greeting: string; readonly directionsMd: string },
  seen?: string,
): Promise<SavedResult> {
  if (!(await mayChange(tx, by, productId))) return { ok: false, reason: 'not_found' }
  if (await isChanged(tx, productId, 'words', seen, shownContentWords(words)))
    return { ok: false, reason: 'changed' }
  await writeWords(tx, productId, words)
  return { ok: true }
}

/** Adds a link or a snippet behind the other items. */
export async function addItem(
  tx: Tx,
  by: Keeper,
  productId: string,
  item: Exclude<NewItem, { kind: 'file' }>,
): Promise<AddResult> {
  if (!(await mayChange(tx, by, productId))) return { ok: false, reason: 'not_found' }
  if ((await itemIds(tx, productId)).length >= contentLimits.items)
    return { ok: false, reason: 'too_many' }
  return { ok: true, itemId: await insertItem(tx, productId, item) }
}

export interface ReceivedFile {
  readonly bytes: StoredBytes
  readonly pageCount: number | undefined
}

/**
 * Adds a received file: as the next version of the item named, or as a new item whose title comes from the file's
 * name unless one is given. label: undefined = the next number. On refusal the caller discards the bytes.
 */
export async function addFile(
  tx: Tx,
  by: Keeper,
  productId: string,
  file: ReceivedFile,
  as: {
    readonly itemId?: string
    readonly title?: string
    readonly note?: string
    readonly label?: string
    readonly changes?: string
  },
): Promise<
  | { readonly ok: true; readonly itemId: string; readonly versionId: string }
  | { readonly ok: false; readonly reason: 'not_found' | 'too_many' }
> {
  if (!(await mayChange(tx, by, productId))) return { ok: false, reason: 'not_found' }
  let itemId = as.itemId
  if (itemId === undefined) {
    if ((await itemIds(tx, productId)).length >= contentLimits.items)
      return { ok: false, reason: 'too_many' }
    itemId = await insertItem(tx, productId, {
      kind: 'file',
      title: as.title || titleFromFileName(file.bytes.fileName),
      note: as.note ?? '',
    })
  } else if ((await itemKind(tx, productId, itemId)) !== 'file') {
    return { ok: false, reason: 'not_found' }
  }
  const versions = await versionsOf(tx, itemId)
  if (versions.length >= contentLimits.versionsPerItem) return { ok: false, reason: 'too_many' }
  await keepFile(tx, file.bytes)
  const versionId = await insertVersion(tx, itemId, {
    fileId: file.bytes.id,
    label: as.label || nextLabel(versions),
    changes: as.changes ?? '',
    pageCount: file.pageCount,
  })
  return { ok: true, itemId, versionId }
}

/** Writes an item's words; its kind stays. not_found also when the kinds differ. seen: the form's mark. */
export async function editItem(
  tx: Tx,
  by: Keeper,
  productId: string,
  itemId: string,
  item: NewItem,
  seen?: string,
): Promise<SavedResult> {
  if (
    !(await mayChange(tx, by, productId)) ||
    (await itemKind(tx, productId, itemId)) !== item.kind
  )
    return { ok: false, reason: 'not_found' }
  if (await isChanged(tx, productId, itemId, seen, shownItem(item)))
    return { ok: false, reason: 'changed' }
  await writeItem(tx, itemId, item)
  return { ok: true }
}

/** Puts the items into this order. not_found when they are not exactly the product's own. */
export async function reorderItems(
  tx: Tx,
  _by: Keeper,
  productId: string,
  ids: readonly string[],
): Promise<ContentResult> {
  if (!(await isDownload(tx, productId)) || !isReordering(await itemIds(tx, productId), ids))
    return { ok: false, reason: 'not_found' }
  await writeOrder(tx, ids)
  return { ok: true }
}

/** Takes an item away: buyers no longer see it or fetch its files; who fetched what stays on record. */
export async function removeItem(
  tx: Tx,
  by: Keeper,
  productId: string,
  itemId: string,
): Promise<ContentResult> {
  if (!(await mayChange(tx, by, productId)) || !(await itemKind(tx, productId, itemId)))
    return { ok: false, reason: 'not_found' }
  await markItemRemoved(tx, itemId)
  return { ok: true }
}

/** Writes what a version is called and what is new in it. seen: the form's mark. */
export async function editVersion(
  tx: Tx,
  by: Keeper,
  of: { readonly productId: string; readonly itemId: string; readonly versionId: string },
  words: { readonly label: string; readonly changes: string },
  seen?: string,
): Promise<SavedResult> {
  if (!(await versionsIn(tx, of))?.includes(of.versionId)) return { ok: false, reason: 'not_found' }
  await makeOwn(tx, by, of.productId)
  if (await isChanged(tx, of.productId, of.versionId, seen, shownVersion(words)))
    return { ok: false, reason: 'changed' }
  await writeVersion(tx, of.versionId, words)
  return { ok: true }
}

/** Takes one version away, so that the one before it is the newest again. The only version of a file goes with its item. */
export async function removeVersion(
  tx: Tx,
  by: Keeper,
  of: { readonly productId: string; readonly itemId: string; readonly versionId: string },
): Promise<
  { readonly ok: true } | { readonly ok: false; readonly reason: 'not_found' | 'only_version' }
> {
  const versions = await versionsIn(tx, of)
  if (!versions?.includes(of.versionId)) return { ok: false, reason: 'not_found' }
  await makeOwn(tx, by, of.productId)
  if (versions.length === 1) return { ok: false, reason: 'only_version' }
  await markVersionRemoved(tx, of.versionId)
  return { ok: true }
}

/** form: its name among shownContents(); seen: its mark. */
async function isChanged(
  tx: Tx,
  productId: string,
  form: string,
  seen: string | undefined,
  next: Shown,
): Promise<boolean> {
  const contents = (await findContents(tx, [productId], { newestOnly: false })).get(productId)
  const stored = contents && shownContents(contents).get(form)
  return stored !== undefined && overwrites(seen, stored, next)
}

async function versionsIn(
  tx: Tx,
  of: { readonly productId: string; readonly itemId: string },
): Promise<string[] | undefined> {
  if (!(await isDownload(tx, of.productId))) return undefined
  if ((await itemKind(tx, of.productId, of.itemId)) !== 'file') return undefined
  return (await versionsOf(tx, of.itemId)).map((version) => version.id)
}
