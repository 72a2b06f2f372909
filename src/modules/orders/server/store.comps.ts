import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

export interface Comp {
  readonly id: string
  readonly customerId: string
  readonly email: string
  readonly productId: string
  readonly title: string
  readonly reason: string
  readonly createdAt: Date
  readonly endedAt: Date | undefined
  readonly endedReason: string | undefined
}

const comps = (db: Db) =>
  db
    .selectFrom('comp')
    .innerJoin('product', 'product.id', 'comp.product_id')
    .select([
      'comp.id',
      'comp.customer_id as customerId',
      'comp.email',
      'comp.product_id as productId',
      'product.title',
      'comp.reason',
      'comp.created_at as createdAt',
      'comp.ended_at',
      'comp.ended_reason',
    ])

function fromRow({
  ended_at,
  ended_reason,
  ...row
}: Omit<Comp, 'endedAt' | 'endedReason'> & {
  ended_at: Date | null
  ended_reason: string | null
}): Comp {
  return { ...row, endedAt: ended_at ?? undefined, endedReason: ended_reason ?? undefined }
}

/** undefined: it was given already and goes on. */
export async function insertComp(
  tx: Tx,
  comp: {
    readonly customerId: string
    readonly email: string
    readonly productId: string
    readonly reason: string
    readonly givenBy: string
  },
): Promise<string | undefined> {
  const row = await tx
    .insertInto('comp')
    .values({
      customer_id: comp.customerId,
      email: comp.email,
      product_id: comp.productId,
      reason: comp.reason,
      given_by: comp.givenBy,
    })
    .onConflict((conflict) =>
      conflict.columns(['customer_id', 'product_id']).where('ended_at', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

export async function findComp(db: Db, id: string): Promise<Comp | undefined> {
  const row = await comps(db).where('comp.id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function compsOf(db: Db, customerIds: readonly string[]): Promise<Comp[]> {
  if (customerIds.length === 0) return []
  const rows = await comps(db)
    .where('comp.customer_id', 'in', customerIds)
    .orderBy('comp.created_at', 'desc')
    .orderBy('comp.id')
    .limit(100)
    .execute()
  return rows.map(fromRow)
}

/** Ends one that goes on; undefined when there is none. */
export async function endCompRow(
  tx: Tx,
  id: string,
  reason: string,
): Promise<{ readonly email: string } | undefined> {
  return tx
    .updateTable('comp')
    .set({ ended_at: clockNow, ended_reason: reason })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returning('email')
    .executeTakeFirst()
}
