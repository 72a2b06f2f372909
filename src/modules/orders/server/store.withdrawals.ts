import type { Reach } from '#modules/platform/paging.ts'
import { clockNow, reaching, type Db, type Tx } from '#modules/platform/server/index.ts'

export interface Withdrawal {
  readonly id: string
  readonly orderId: string | undefined
  readonly orderTyped: string
  readonly email: string
  readonly name: string
  readonly words: string
  readonly receivedAt: Date
  readonly state: 'received' | 'accepted' | 'declined'
  readonly decision: string | undefined
  readonly decidedAt: Date | undefined
}

const withdrawals = (db: Db) =>
  db
    .selectFrom('withdrawal')
    .select([
      'id',
      'order_id',
      'order_typed as orderTyped',
      'email',
      'name',
      'words',
      'received_at as receivedAt',
      'state',
      'decision',
      'decided_at',
    ])

type Row = Omit<Withdrawal, 'orderId' | 'state' | 'decision' | 'decidedAt'> & {
  order_id: string | null
  state: string
  decision: string | null
  decided_at: Date | null
}

function fromRow({ order_id, decided_at, ...row }: Row): Withdrawal {
  return {
    ...row,
    orderId: order_id ?? undefined,
    state: row.state as Withdrawal['state'], // held to these words by the table's check
    decision: row.decision ?? undefined,
    decidedAt: decided_at ?? undefined,
  }
}

/** undefined: there is one with this id. */
export async function insertWithdrawal(
  tx: Tx,
  given: {
    readonly id: string
    readonly orderId: string | undefined
    readonly orderTyped: string
    readonly email: string
    readonly name: string
    readonly words: string
    readonly network: string
  },
): Promise<Withdrawal | undefined> {
  const inserted = await tx
    .insertInto('withdrawal')
    .values({
      id: given.id,
      order_id: given.orderId ?? null,
      order_typed: given.orderTyped,
      email: given.email,
      name: given.name,
      words: given.words,
      network: given.network,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n ? findWithdrawal(tx, given.id) : undefined
}

export async function findWithdrawal(db: Db, id: string): Promise<Withdrawal | undefined> {
  const row = await withdrawals(db).where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function openOfOrder(db: Db, orderId: string): Promise<Withdrawal | undefined> {
  const row = await withdrawals(db)
    .where('order_id', '=', orderId)
    .where('state', '=', 'received')
    .orderBy('received_at')
    .limit(1)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function withdrawalRows(db: Db, reach: Reach): Promise<Withdrawal[]> {
  const rows = await withdrawals(db)
    .$call(reaching(reach, { table: 'withdrawal', at: 'received_at' }))
    .execute()
  return rows.map(fromRow)
}

/** false: it was decided before. */
export async function decideRow(
  tx: Tx,
  id: string,
  to: {
    readonly state: 'accepted' | 'declined'
    readonly decision: string
    readonly decidedBy: string
  },
): Promise<boolean> {
  const decided = await tx
    .updateTable('withdrawal')
    .set({
      state: to.state,
      decision: to.decision,
      decided_by: to.decidedBy,
      decided_at: clockNow,
    })
    .where('id', '=', id)
    .where('state', '=', 'received')
    .executeTakeFirst()
  return decided.numUpdatedRows > 0n
}

/** The order of that number whose buyer has this address. */
export async function orderByNumberAndEmail(
  db: Db,
  number: number,
  email: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('shop_order')
    .select('id')
    .where('number', '=', number)
    .where('email', '=', email)
    .executeTakeFirst()
  return row?.id
}
