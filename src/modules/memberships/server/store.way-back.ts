import type { Db } from '#modules/platform/server/index.ts'

export async function writeWayBack(db: Db, checkoutId: string, path: string | null): Promise<void> {
  await db
    .updateTable('subscription_checkout')
    .set({ back_to: path })
    .where('id', '=', checkoutId)
    .execute()
}

export async function findWayBack(
  db: Db,
  memberId: string,
  checkoutId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('subscription_checkout')
    .select('back_to')
    .where('id', '=', checkoutId)
    .where('member_id', '=', memberId)
    .executeTakeFirst()
  return row?.back_to ?? undefined
}
