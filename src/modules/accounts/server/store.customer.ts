import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

/** The oldest customer that is this member under this address. */
export async function customerOfMember(
  db: Db,
  memberId: string,
  email: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('customer')
    .select('id')
    .where('member_id', '=', memberId)
    .where('email', '=', email)
    .orderBy('created_at')
    .orderBy('id')
    .executeTakeFirst()
  return row?.id
}

export async function insertCustomerOfMember(
  tx: Tx,
  customer: { memberId: string; email: string; name: string | undefined },
): Promise<string> {
  const { id } = await tx
    .insertInto('customer')
    .values({
      email: customer.email,
      name: customer.name ?? null,
      member_id: customer.memberId,
      claimed_at: clockNow,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/**
 * The guest's customer of an address, made where there is none; undefined where the address is a member's. A name that is
 * known is kept. The caller holds lockAddress().
 */
export async function guestCustomer(
  tx: Tx,
  guest: { email: string; name: string | undefined },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    insert into customer (email, name)
    select ${guest.email}::text, ${guest.name ?? null}::text
    where not exists (select from member where email = ${guest.email})
    on conflict (email) where member_id is null do update set name = coalesce(customer.name, excluded.name)
    returning id
  `.execute(tx)
  return rows[0]?.id
}

export async function claimGuest(tx: Tx, memberId: string, email: string): Promise<string[]> {
  const rows = await tx
    .updateTable('customer')
    .set({ member_id: memberId, claimed_at: clockNow })
    .where('email', '=', email)
    .where('member_id', 'is', null)
    .returning('id')
    .execute()
  return rows.map((row) => row.id)
}

export async function moveCustomersToAddress(
  tx: Tx,
  memberId: string,
  email: string,
): Promise<void> {
  await tx.updateTable('customer').set({ email }).where('member_id', '=', memberId).execute()
}

export async function customerAddressesOfMember(
  db: Db,
  memberId: string,
): Promise<{ readonly id: string; readonly email: string }[]> {
  return db
    .selectFrom('customer')
    .select(['id', 'email'])
    .where('member_id', '=', memberId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

export async function customerIdsOfMember(
  db: Db,
  memberId: string,
  most: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('customer')
    .select('id')
    .where('member_id', '=', memberId)
    .orderBy('created_at')
    .orderBy('id')
    .limit(most)
    .execute()
  return rows.map((row) => row.id)
}

export interface CustomerCursor {
  /** Since 1970: a JavaScript date would cut the microseconds off. */
  readonly createdAtMicroseconds: number
  readonly id: string
}

const factColumns = [
  'customer.id',
  'customer.email',
  'customer.member_id as memberId',
  'customer.created_at as createdAt',
  sql<string | null>`coalesce(nullif(member.name, ''), customer.name)`.as('name'),
] as const

/** Newest first; each way of searching (address, name, member's name: by their beginning) has its index. */
export async function customersPage(
  db: Db,
  page: { search: string | undefined; after: CustomerCursor | undefined; most: number },
) {
  let query = db
    .selectFrom('customer')
    .leftJoin('member', 'member.id', 'customer.member_id')
    .select(factColumns)
    .select(
      sql<number>`(extract(epoch from customer.created_at) * 1000000)::bigint`.as(
        'createdAtMicroseconds',
      ),
    )
  if (page.search !== undefined) {
    const beginning = `${page.search.replace(/[\\%_]/g, '\\$&')}%`
    query = query.where((where) =>
      where.or([
        where('customer.email', 'like', beginning),
        where(sql`lower(customer.name)`, 'like', beginning),
        where(
          'customer.member_id',
          'in',
          where
            .selectFrom('member as named')
            .select('named.id')
            .where(sql`lower(named.name)`, 'like', beginning),
        ),
      ]),
    )
  }
  if (page.after) {
    query = query.where(
      sql<boolean>`(customer.created_at, customer.id) <
        ('epoch'::timestamptz + ${page.after.createdAtMicroseconds}::bigint * interval '1 microsecond', ${page.after.id}::uuid)`,
    )
  }
  return query
    .orderBy('customer.created_at', 'desc')
    .orderBy('customer.id', 'desc')
    .limit(page.most)
    .execute()
}

export async function customerById(db: Db, customerId: string) {
  return db
    .selectFrom('customer')
    .leftJoin('member', 'member.id', 'customer.member_id')
    .select(factColumns)
    .select([
      'customer.claimed_at as claimedAt',
      'member.email as memberEmail',
      'member.name as memberName',
      'member.role as memberRole',
      'member.avatar_id as avatarId',
      'member.created_at as memberSince',
    ])
    .where('customer.id', '=', customerId)
    .executeTakeFirst()
}

export async function otherCustomersOfMember(
  db: Db,
  memberId: string,
  customerId: string,
  most: number,
) {
  return db
    .selectFrom('customer')
    .select(['id', 'email'])
    .where('member_id', '=', memberId)
    .where('id', '<>', customerId)
    .orderBy('created_at')
    .orderBy('id')
    .limit(most)
    .execute()
}

/** Customers at this address, and all of the members they belong to. */
export async function customerIdsByEmail(db: Db, email: string, most: number): Promise<string[]> {
  const rows = await db
    .selectFrom('customer as at')
    .innerJoin('customer', (join) =>
      join.on((on) =>
        on.or([
          on('customer.id', '=', on.ref('at.id')),
          on('customer.member_id', '=', on.ref('at.member_id')),
        ]),
      ),
    )
    .select('customer.id')
    .distinct()
    .where('at.email', '=', email)
    .limit(most)
    .execute()
  return rows.map((row) => row.id)
}
