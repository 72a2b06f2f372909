import type { Db, Tx } from '#modules/platform/server/index.ts'

export async function insertAvatar(
  tx: Tx,
  avatar: { id: string; largeFileId: string; smallFileId: string },
): Promise<void> {
  await tx
    .insertInto('avatar')
    .values({
      id: avatar.id,
      large_file_id: avatar.largeFileId,
      small_file_id: avatar.smallFileId,
    })
    .execute()
}

export async function avatarOfMember(db: Db, memberId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('member')
    .select('avatar_id')
    .where('id', '=', memberId)
    .executeTakeFirst()
  return row?.avatar_id ?? undefined
}

/** Drops a picture and the rows of its files; the keys of the bytes come back, to be removed after the commit. */
export async function deleteAvatar(tx: Tx, avatarId: string): Promise<string[]> {
  const avatar = await tx
    .deleteFrom('avatar')
    .where('id', '=', avatarId)
    .returning(['large_file_id', 'small_file_id'])
    .executeTakeFirst()
  if (!avatar) return []
  const files = await tx
    .deleteFrom('stored_file')
    .where('id', 'in', [avatar.large_file_id, avatar.small_file_id])
    .returning('storage_key')
    .execute()
  return files.map((file) => file.storage_key)
}

export async function avatarFile(db: Db, avatarId: string, size: 'large' | 'small') {
  return db
    .selectFrom('avatar')
    .innerJoin(
      'stored_file',
      'stored_file.id',
      size === 'large' ? 'avatar.large_file_id' : 'avatar.small_file_id',
    )
    .select(['storage_key as key', 'media_type as mediaType', 'byte_size as byteSize'])
    .where('avatar.id', '=', avatarId)
    .executeTakeFirst()
}
