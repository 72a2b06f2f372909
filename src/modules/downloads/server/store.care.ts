import type { Db } from '#modules/platform/server/index.ts'

/** Where the owner reads mail; undefined while the shop has no owner. */
export async function ownerAddress(db: Db): Promise<string | undefined> {
  const owner = await db
    .selectFrom('member')
    .select('email')
    .where('role', '=', 'owner')
    .executeTakeFirst()
  return owner?.email
}

/** The products that sell each of these files; a copied product shares its bytes with the original. */
export async function productsOfFiles(
  db: Db,
  fileIds: readonly string[],
): Promise<Map<string, { productId: string; title: string }[]>> {
  if (fileIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('download_version as version')
    .innerJoin('download_item as item', 'item.id', 'version.item_id')
    .innerJoin('product', 'product.id', 'item.product_id')
    .select(['version.file_id', 'product.id', 'product.title'])
    .distinct()
    .where('version.file_id', 'in', fileIds)
    .where('version.removed_at', 'is', null)
    .where('item.removed_at', 'is', null)
    .orderBy('product.title')
    .limit(500)
    .execute()
  const products = Map.groupBy(rows, (row) => row.file_id)
  return new Map(
    [...products].map(([fileId, found]) => [
      fileId,
      found.map((row) => ({ productId: row.id, title: row.title })),
    ]),
  )
}

/** The file behind a product's version. */
export async function fileOfVersion(
  db: Db,
  of: { readonly productId: string; readonly itemId: string; readonly versionId: string },
): Promise<string | undefined> {
  const row = await db
    .selectFrom('download_version as version')
    .innerJoin('download_item as item', 'item.id', 'version.item_id')
    .select('version.file_id')
    .where('version.id', '=', of.versionId)
    .where('item.id', '=', of.itemId)
    .where('item.product_id', '=', of.productId)
    .executeTakeFirst()
  return row?.file_id
}
