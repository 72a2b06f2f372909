import { sql } from 'kysely'
import { keepFile, type Db, type StoredBytes, type Tx } from '#modules/platform/server/index.ts'
import { imagePath } from '../image-rules.ts'
import type { ImageView } from '../types.ts'

/** An image with all its files stored, but without any row yet. */
export interface PreparedImage {
  readonly id: string
  /** Of the largest variant. */
  readonly width: number
  readonly height: number
  readonly blur: string
  readonly variants: readonly {
    readonly width: number
    readonly format: 'webp' | 'jpeg'
    readonly file: StoredBytes
  }[]
}

export async function insertImage(tx: Tx, image: PreparedImage): Promise<void> {
  await tx
    .insertInto('image')
    .values({ id: image.id, width: image.width, height: image.height, blur: image.blur })
    .execute()
  for (const variant of image.variants) await keepFile(tx, variant.file)
  await tx
    .insertInto('image_variant')
    .values(
      image.variants.map((variant) => ({
        image_id: image.id,
        width: variant.width,
        format: variant.format,
        file_id: variant.file.id,
      })),
    )
    .execute()
}

/** The pictures of products, each product's cover first. */
export async function picturesOf(
  db: Db,
  productIds: readonly string[],
  options: { coversOnly: boolean },
): Promise<Map<string, ImageView[]>> {
  const found = new Map<string, ImageView[]>()
  if (productIds.length === 0) return found
  let query = db
    .selectFrom('product_image')
    .innerJoin('image', 'image.id', 'product_image.image_id')
    .select([
      'product_image.product_id',
      'product_image.alt',
      'image.id',
      'image.width',
      'image.height',
      'image.blur',
      sql<{ width: number; format: 'webp' | 'jpeg'; file: string }[]>`(
        select json_agg(json_build_object('width', variant.width, 'format', variant.format, 'file', variant.file_id)
          order by variant.format desc, variant.width)
        from image_variant variant where variant.image_id = image.id
      )`.as('variants'),
    ])
    .where('product_image.product_id', 'in', productIds)
    .orderBy('product_image.product_id')
    .orderBy('product_image.position')
  if (options.coversOnly) query = query.where('product_image.position', '=', 0)
  for (const row of await query.execute()) {
    const pictures = found.get(row.product_id) ?? []
    found.set(row.product_id, pictures)
    pictures.push({
      id: row.id,
      width: row.width,
      height: row.height,
      blur: row.blur,
      alt: row.alt,
      sources: row.variants.map(({ width, format, file }) => ({
        width,
        format,
        url: imagePath(file, format),
      })),
    })
  }
  return found
}

/** The pictures of one product in order, locked against changes by others. */
export async function lockPictures(
  tx: Tx,
  productId: string,
): Promise<{ imageId: string; alt: string }[]> {
  const rows = await tx
    .selectFrom('product_image')
    .select(['image_id', 'alt'])
    .where('product_id', '=', productId)
    .orderBy('position')
    .forUpdate()
    .execute()
  return rows.map((row) => ({ imageId: row.image_id, alt: row.alt }))
}

/** Writes the product's pictures anew, in this order. */
export async function replacePictures(
  tx: Tx,
  productId: string,
  pictures: readonly { readonly imageId: string; readonly alt: string }[],
): Promise<void> {
  await tx.deleteFrom('product_image').where('product_id', '=', productId).execute()
  if (pictures.length === 0) return
  await tx
    .insertInto('product_image')
    .values(
      pictures.map((picture, position) => ({
        product_id: productId,
        image_id: picture.imageId,
        position,
        alt: picture.alt,
      })),
    )
    .execute()
}

/**
 * Drops those of the images that no product shows any more, with their files' rows. Returns the storage keys of
 * the bytes, which go after the commit.
 */
export async function deleteUnusedImages(tx: Tx, imageIds: readonly string[]): Promise<string[]> {
  if (imageIds.length === 0) return []
  // Locked first: of two products that let go of the same image at once, the second sees that it was the last.
  await tx
    .selectFrom('image')
    .select('id')
    .where('id', 'in', imageIds)
    .orderBy('id')
    .forUpdate()
    .execute()
  const unused = await tx
    .selectFrom('image')
    .select('id')
    .where('id', 'in', imageIds)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('product_image')
            .select('product_id')
            .whereRef('product_image.image_id', '=', 'image.id'),
        ),
      ),
    )
    .execute()
  const ids = unused.map((row) => row.id)
  if (ids.length === 0) return []
  const variants = await tx
    .deleteFrom('image_variant')
    .where('image_id', 'in', ids)
    .returning('file_id')
    .execute()
  await tx.deleteFrom('image').where('id', 'in', ids).execute()
  const files = await tx
    .deleteFrom('stored_file')
    .where(
      'id',
      'in',
      variants.map((row) => row.file_id),
    )
    .returning('storage_key')
    .execute()
  return files.map((row) => row.storage_key)
}

/** The stored file behind an address below /images/; only files of pictures, never anything that is sold. */
export async function findImageFile(
  db: Db,
  fileId: string,
): Promise<{ key: string; mediaType: string; byteSize: number; sha256: string } | undefined> {
  const row = await db
    .selectFrom('image_variant')
    .innerJoin('stored_file', 'stored_file.id', 'image_variant.file_id')
    .select([
      'stored_file.storage_key',
      'stored_file.media_type',
      'stored_file.byte_size',
      'stored_file.sha256',
    ])
    .where('image_variant.file_id', '=', fileId)
    .executeTakeFirst()
  return (
    row && {
      key: row.storage_key,
      mediaType: row.media_type,
      byteSize: row.byte_size,
      sha256: row.sha256,
    }
  )
}
