import { imagePath } from '#modules/catalog/image-rules.ts'
import { dropImages, keepImage, type PreparedImage } from '#modules/catalog/server/index.ts'
import { mayUseAny } from '#modules/entitlements/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import { rightsThatOpen } from '../access.ts'
import { openTextOf, pictureLine } from '../pictures-in-text.ts'
import type { PostInput, Reader, Writer } from '../types.ts'
import { lockPost } from './store.ts'
import {
  deletePostImages,
  insertPostImage,
  picturesOfPost,
  postOfPicture,
  writeOpenPictures,
} from './store.pictures.ts'

/** More than these make a page nobody waits for. */
export const mostPostPictures = 40

/** A picture in the owner's editor. */
export interface PostPicture {
  readonly imageId: string
  readonly alt: string
  /** What puts it into the text: Markdown on one line. */
  readonly line: string
  /** A small one, to know it by. */
  readonly thumb: string
}

/** The pictures that were uploaded for a post, in the order in which they came. */
export async function postPictures(db: Db, postId: string): Promise<readonly PostPicture[]> {
  const pictures = isId(postId) ? await picturesOfPost(db, postId) : []
  return pictures.flatMap(({ imageId, alt, files }) => {
    const webp = files.filter(({ format }) => format === 'webp')
    const [smallest] = webp
    // Wide enough for the column of a post on a sharp screen.
    const shown = webp.find(({ width }) => width >= 1_280) ?? webp.at(-1)
    return smallest && shown
      ? [
          {
            imageId,
            alt,
            line: pictureLine(alt, imagePath(shown.id, shown.format)),
            thumb: imagePath(smallest.id, smallest.format),
          },
        ]
      : []
  })
}

export type AddPostPictureResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'too_many' }

/** Adds a prepared picture to a post, to be put into its text. On refusal the caller discards the image. */
export async function addPostPicture(
  tx: Tx,
  _by: Writer,
  postId: string,
  image: PreparedImage,
  alt: string,
): Promise<AddPostPictureResult> {
  const post = isId(postId) ? await lockPost(tx, postId) : undefined
  if (!post || post.deletedAt) return { ok: false, reason: 'not_found' }
  if ((await picturesOfPost(tx, postId)).length >= mostPostPictures)
    return { ok: false, reason: 'too_many' }
  await keepImage(tx, image)
  await insertPostImage(tx, { postId, imageId: image.id, alt })
  return { ok: true }
}

/** Takes a picture from a post. Returns the storage keys to hand to discardBytes after the commit; undefined when it is not the post's. */
export async function removePostPicture(
  tx: Tx,
  _by: Writer,
  postId: string,
  imageId: string,
): Promise<readonly string[] | undefined> {
  if (!isId(postId) || !isId(imageId) || !(await lockPost(tx, postId))) return undefined
  const removed = await deletePostImages(tx, postId, imageId)
  return removed.length === 0 ? undefined : dropImages(tx, removed)
}

/** Takes all pictures from a post that goes for good. Returns the storage keys to hand to discardBytes after the commit. */
export async function removeAllPictures(tx: Tx, postId: string): Promise<readonly string[]> {
  return dropImages(tx, await deletePostImages(tx, postId))
}

/** Notes which pictures stand where everybody may read. To be called with each change of the text or of who may read it. */
export async function markOpenPictures(
  tx: Tx,
  postId: string,
  input: Pick<PostInput, 'bodyMd' | 'access'>,
): Promise<void> {
  const pictures = await picturesOfPost(tx, postId)
  if (pictures.length === 0) return
  const text = openTextOf(input)
  const open = pictures.filter(({ files }) =>
    files.some(({ id, format }) => text.includes(imagePath(id, format))),
  )
  await writeOpenPictures(
    tx,
    postId,
    open.map(({ imageId }) => imageId),
  )
}

/**
 * Who may fetch a stored file, as far as it is a picture of a post: everybody what stands in an open part of a published post; the rest
 * of a premium one those who may read it; all of drafts and deleted posts the owner. none: it is no picture of a post. previewed: a post
 * whose mail its owner looks at, as the key in the address says (postOfPreview).
 */
export async function pictureFor(
  db: Db,
  fileId: string,
  reader: Reader | undefined,
  previewed?: string,
): Promise<'none' | 'everybody' | 'this_reader' | 'refused'> {
  const post = isId(fileId) ? await postOfPicture(db, fileId) : undefined
  if (!post) return 'none'
  if (reader?.kind === 'owner' || post.id === previewed) return 'this_reader'
  if (post.state !== 'published' || post.isDeleted) return 'refused'
  if (post.isOpen) return 'everybody'
  if (post.access.kind === 'free' || !reader) return 'refused'
  return (await mayUseAny(db, reader.memberId, rightsThatOpen(post.access)))
    ? 'this_reader'
    : 'refused'
}
