import { isId, newId } from '#modules/platform/ids.ts'
import {
  discardBytes,
  keepFile,
  log,
  StorageUnavailableError,
  storeBytes,
  type Db,
  type StoredBytes,
  type Tx,
} from '#modules/platform/server/index.ts'
import { pictureLimits, type PictureProblem } from '../picture-rules.ts'
import type { MemberActor } from '../types.ts'
import { drawAvatar } from './avatar-picture.ts'
import * as store from './store.avatar.ts'
import { lockMember, updateMember } from './store.member.ts'

/** First part of the storage keys of members' pictures; its orphans are swept by sweepOrphanFiles(). */
export const avatarFolder = 'avatars'

/** A picture whose bytes are stored, but that nobody shows yet. */
export interface StoredAvatar {
  readonly large: StoredBytes
  readonly small: StoredBytes
}

/**
 * Re-encodes an upload and stores both sizes. Then hand it to changeAvatar(), or to discardAvatar().
 * Refusals by name: see pictureProblemWords. The caller has asked mayUploadPicture().
 */
export async function storeAvatar(
  upload: Uint8Array,
): Promise<
  | { readonly ok: true; readonly avatar: StoredAvatar }
  | { readonly ok: false; readonly reason: PictureProblem }
> {
  const picture = await drawAvatar(upload)
  if (!picture.ok) return picture
  try {
    const large = await storeWebp(picture.large, 'avatar-256.webp')
    try {
      const small = await storeWebp(picture.small, 'avatar-64.webp')
      return { ok: true, avatar: { large, small } }
    } catch (error) {
      await discardBytes([large.key])
      throw error
    }
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error
    log.error({ reason: error.reason }, error.message)
    return { ok: false, reason: 'store_down' }
  }
}

async function storeWebp(bytes: Buffer, fileName: string): Promise<StoredBytes> {
  return storeBytes({
    folder: avatarFolder,
    extension: '.webp',
    fileName,
    mediaType: 'image/webp',
    source: inOnePiece(bytes),
    limitBytes: pictureLimits.bytes,
  })
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Removes the bytes of a picture that did not become anybody's. */
export async function discardAvatar(avatar: StoredAvatar): Promise<void> {
  await discardBytes([avatar.large.key, avatar.small.key])
}

/**
 * Shows this picture (undefined: none, initials instead) for the member from now on. Returns the keys of the
 * old one's bytes, for discardBytes() after the commit: a crash in between leaves them to the sweep and never
 * a member with a broken picture.
 */
export async function changeAvatar(
  tx: Tx,
  actor: MemberActor,
  avatar: StoredAvatar | undefined,
): Promise<readonly string[]> {
  await lockMember(tx, actor.memberId)
  const oldId = await store.avatarOfMember(tx, actor.memberId)
  let avatarId: string | null = null
  if (avatar) {
    avatarId = newId()
    await keepFile(tx, avatar.large)
    await keepFile(tx, avatar.small)
    await store.insertAvatar(tx, {
      id: avatarId,
      largeFileId: avatar.large.id,
      smallFileId: avatar.small.id,
    })
  }
  await updateMember(tx, actor.memberId, { avatarId })
  return oldId === undefined ? [] : store.deleteAvatar(tx, oldId)
}

/** Where the bytes of a picture lie; undefined for an unknown id, also of a picture that was replaced. */
export async function avatarFile(
  db: Db,
  avatarId: string,
  size: 'large' | 'small',
): Promise<
  { readonly key: string; readonly mediaType: string; readonly byteSize: number } | undefined
> {
  return isId(avatarId) ? store.avatarFile(db, avatarId, size) : undefined
}
