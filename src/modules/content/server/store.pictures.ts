import { sql } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { Access, PostState } from '../types.ts'
import { findPost } from './store.ts'

/** A picture of a post with the stored files it is served from. */
export interface StoredPicture {
  readonly imageId: string
  readonly alt: string
  readonly width: number
  readonly height: number
  readonly blur: string
  readonly files: readonly {
    readonly id: string
    readonly width: number
    readonly format: 'webp' | 'jpeg'
  }[]
}

/** The pictures of a post, in the order in which they came. */
export async function picturesOfPost(db: Db, postId: string): Promise<StoredPicture[]> {
  const { rows } = await sql<{
    image_id: string
    alt: string
    width: number
    height: number
    blur: string
    files: StoredPicture['files']
  }>`
    select p.image_id, p.alt, i.width, i.height, i.blur, (
      select json_agg(json_build_object('id', v.file_id, 'width', v.width, 'format', v.format) order by v.format desc, v.width)
      from image_variant v where v.image_id = i.id
    ) as files
    from post_image p join image i on i.id = p.image_id where p.post_id = ${postId}::uuid order by p.added_at, p.image_id
  `.execute(db)
  return rows.map(({ image_id: imageId, ...row }) => ({ imageId, ...row }))
}

export async function insertPostImage(
  tx: Tx,
  picture: { readonly postId: string; readonly imageId: string; readonly alt: string },
): Promise<void> {
  await tx
    .insertInto('post_image')
    .values({ post_id: picture.postId, image_id: picture.imageId, alt: picture.alt })
    .execute()
}

/** Takes pictures from a post; returns the ids of those that were its. */
export async function deletePostImages(
  tx: Tx,
  postId: string,
  imageId?: string,
): Promise<string[]> {
  let query = tx.deleteFrom('post_image').where('post_id', '=', postId)
  if (imageId !== undefined) query = query.where('image_id', '=', imageId)
  const rows = await query.returning('image_id').execute()
  return rows.map((row) => row.image_id)
}

/** Notes which of a post's pictures everybody may fetch. */
export async function writeOpenPictures(
  tx: Tx,
  postId: string,
  openIds: readonly string[],
): Promise<void> {
  await sql`update post_image set is_open = (image_id = any(${openIds}::uuid[])) where post_id = ${postId}::uuid`.execute(
    tx,
  )
}

/** The post that a stored file is a picture of; undefined for every other file. */
export async function postOfPicture(
  db: Db,
  fileId: string,
): Promise<
  | {
      readonly id: string
      readonly isOpen: boolean
      readonly state: PostState
      readonly isDeleted: boolean
      readonly access: Access
    }
  | undefined
> {
  const row = await db
    .selectFrom('post_image')
    .innerJoin('image_variant', 'image_variant.image_id', 'post_image.image_id')
    .select(['post_image.post_id', 'post_image.is_open'])
    .where('image_variant.file_id', '=', fileId)
    .executeTakeFirst()
  const post = row && (await findPost(db, { id: row.post_id }))
  return (
    post && {
      id: post.id,
      isOpen: row.is_open,
      state: post.state,
      isDeleted: post.deletedAt !== undefined,
      access: post.access,
    }
  )
}
