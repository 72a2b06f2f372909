import { sql, type RawBuilder } from 'kysely'
import { mailboxOf } from '#modules/platform/email-address.ts'
import { mailboxMark } from '#modules/memberships/server/index.ts'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { Hindrance, Person } from '../types.ts'
import { deleted, personalTables, type PersonalTable } from './store.personal-tables.ts'

export interface Held {
  readonly key: string
  readonly row: Readonly<Record<string, unknown>>
}

/** Rows of a person in a table, so many after a mark. */
export async function heldIn(
  db: Db,
  { table, whose, shown, key = 't.id::text' }: PersonalTable,
  person: Person,
  after: string,
  most: number,
): Promise<Held[]> {
  if (shown === undefined) return []
  const mark = sql.raw(`(${key})`)
  const { rows } = await sql<Held>`
    select ${mark} as key, (select to_jsonb(told) from (select ${sql.raw(shown)}) told) as row
    from ${sql.table(table)} t where ${whose(person)} and ${mark} collate "C" > ${after}
    order by ${mark} collate "C" limit ${most}
  `.execute(db)
  return rows
}

/** Why the books cannot let somebody go right now. */
export async function hindranceIn(db: Db, person: Person): Promise<Hindrance | undefined> {
  const own = sql`
    select o.checkout_id from shop_order o where o.customer_id = any(${person.customerIds}::uuid[])
    union select c.id from checkout c where c.member_id = ${person.memberId}::uuid`
  const { rows } = await sql<Record<Exclude<Hindrance, 'owner'>, boolean>>`
    select
      exists (select from checkout where state = 'awaiting_payment' and id in (${own})) as payment,
      exists (
        select from refund r join payment p on p.id = r.payment_id
        where r.state in ('requested', 'pending', 'requires_action') and p.checkout_id in (${own})) as refund,
      exists (select from shop_order where is_disputed and checkout_id in (${own})) as dispute,
      exists (
        select from withdrawal w
        where w.state = 'received' and (w.email = any(${person.addresses}::text[]) or w.order_id in (
          select id from shop_order where customer_id = any(${person.customerIds}::uuid[])))) as withdrawal
  `.execute(db)
  const [found] = rows
  const all = ['payment', 'refund', 'dispute', 'withdrawal'] as const
  return all.find((one) => found?.[one])
}

export async function countOrders(db: Db, person: Person): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from shop_order where customer_id = any(${person.customerIds}::uuid[])
  `.execute(db)
  return rows[0]?.count ?? 0
}

/** Nobody buys or subscribes as this member until the transaction ends. false: there is none (any more). */
export async function holdMember(tx: Tx, memberId: string): Promise<boolean> {
  const { rows } = await sql`select id from member where id = ${memberId}::uuid for update`.execute(
    tx,
  )
  return rows.length > 0
}

/** Takes a person out of every table that stays. The member's row, and what goes with it, is the caller's. */
export async function erase(tx: Tx, person: Person): Promise<void> {
  const named = person.addresses.map((address) => `%${likely(address)}%`)
  const { rows: own } = await sql<{ id: string; checkoutId: string }>`
    select id, checkout_id as "checkoutId" from shop_order where customer_id = any(${person.customerIds}::uuid[])
  `.execute(tx)
  const about = own.flatMap(({ id, checkoutId }) => [`${id}%`, `${checkoutId}%`])
  // Other people's mails that name them, the owner's above all.
  await sql`
    update email_message t set content = ${erasedMail}::jsonb, subject = 'Erased'
    where t.to_address <> all(${person.addresses}::text[]) and (t.content::text ilike any(${named}::text[])
      or t.subject ilike any(${named}::text[]) or t.entity_key like any(${about}::text[]))
  `.execute(tx)
  await sql`
    update audit_entry t set detail = (
      select jsonb_object_agg(key, case when value #>> '{}' ilike any(${named}::text[]) then '"erased"'::jsonb else value end)
      from jsonb_each(t.detail))
    where t.detail::text ilike any(${named}::text[])
  `.execute(tx)
  await sql`
    update trial_claim t set person = marked.mark
    from unnest(${person.addresses.map(mailboxOf)}::text[], ${person.addresses.map((one) => mailboxMark(mailboxOf(one)))}::text[])
      as marked (mailbox, mark)
    where t.kind = 'mailbox' and t.person = marked.mailbox
      and not exists (select from trial_claim other
        where other.kind = 'mailbox' and other.person = marked.mark and other.plan_group = t.plan_group)
  `.execute(tx)
  await sql`
    delete from trial_claim t
    where t.kind = 'mailbox' and t.person = any(${person.addresses.map(mailboxOf)}::text[])
  `.execute(tx)
  await sql`
    update stripe_event t set payload = 'null'
    where t.state in ('done', 'ignored') and (t.payload::text ilike any(${named}::text[]) or t.payload::text like any(array(
      select '%' || stripe_customer_id || '%' from stripe_customer
      where member_id = ${person.memberId}::uuid and stripe_customer_id is not null)))
  `.execute(tx)
  for (const { table, whose, erased } of personalTables) {
    if (erased === undefined) continue
    const of = sql`${sql.table(table)} t`
    const change: RawBuilder<unknown> =
      erased === deleted ? sql`delete from ${of}` : sql`update ${of} set ${sql.raw(erased.set)}`
    await sql`${change} where ${whose(person)}`.execute(tx)
  }
}

const erasedMail = JSON.stringify({
  preheader: '',
  heading: 'Erased',
  blocks: [],
  footnote: 'This mail named somebody who has deleted their account.',
})

/** For LIKE: these signs stand for themselves. */
const likely = (text: string) => text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)

/** The last mail to who left: its address goes as soon as it has been sent, or could not be. */
export async function forgetAddressesOf(
  db: Db,
  template: string,
  address: string,
): Promise<number> {
  const { numAffectedRows } = await sql`
    update email_message set to_address = ${address}, reply_to = null
    where template = ${template} and state in ('sent', 'failed') and to_address <> ${address}
  `.execute(db)
  return Number(numAffectedRows ?? 0)
}
