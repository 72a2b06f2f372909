import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Audience } from '../types.ts'

/** A version with what is told about it. */
export interface ToldVersion {
  readonly id: string
  readonly productId: string
  readonly productTitle: string
  readonly itemId: string
  readonly itemTitle: string
  readonly label: string
  readonly changes: string
  readonly addedAt: Date
  readonly isNewest: boolean
}

/** A version that is still there, of a product that is no draft of the past: undefined otherwise. */
export async function findToldVersion(
  db: Db,
  productId: string,
  versionId: string,
): Promise<ToldVersion | undefined> {
  const { rows } = await sql<{
    product_title: string
    item_id: string
    item_title: string
    label: string
    changes: string
    created_at: Date
    is_newest: boolean
  }>`
    select product.title as product_title, item.id as item_id, item.title as item_title,
      version.label, version.changes, version.created_at,
      not exists (
        select from download_version newer
        where newer.item_id = item.id and newer.number > version.number and newer.removed_at is null
      ) as is_newest
    from download_version version
    join download_item item on item.id = version.item_id
    join product on product.id = item.product_id
    where version.id = ${versionId} and item.product_id = ${productId}
      and version.removed_at is null and item.removed_at is null
  `.execute(db)
  const row = rows[0]
  return (
    row && {
      id: versionId,
      productId,
      productTitle: row.product_title,
      itemId: row.item_id,
      itemTitle: row.item_title,
      label: row.label,
      changes: row.changes,
      addedAt: row.created_at,
      isNewest: row.is_newest,
    }
  )
}

/**
 * Everybody who may open the product now, one row an address: a member with all their purchases is one person, and a guest is
 * one by their address. has_bought_later: the version was there already when they bought.
 */
const people = (version: { readonly id: string; readonly productId: string }) => sql`
  select distinct on (address) person, address, name, customer_id, entitlement_id,
    bool_and(bought_later) over same as has_bought_later, max(fetched_at) over same as fetched_at
  from (
    select coalesce('member:' || member.id, 'customer:' || customer.id) as person,
      coalesce(member.email, customer.email) as address,
      coalesce(nullif(member.name, ''), customer.name) as name,
      member.id as member_id,
      customer.id as customer_id,
      entitlement.id as entitlement_id,
      entitlement.created_at,
      entitlement.created_at >= version.created_at as bought_later,
      (select min(done.completed_at) from download_window done
       where done.entitlement_id = entitlement.id and done.version_id = version.id) as fetched_at
    from entitlement
    join customer on customer.id = entitlement.customer_id
    left join member on member.id = customer.member_id
    join download_version version on version.id = ${version.id}
    where entitlement.benefit = 'product' and entitlement.subject_id = ${version.productId}
      and entitlement.state = 'active'
      and (entitlement.ends_at is null or entitlement.ends_at > clock_now())
  ) holder
  window same as (partition by address)
  order by address, member_id nulls last, created_at desc, entitlement_id
`

/** Whether somebody was put on the list, under this person or this address. */
const isListed = (versionId: string) => sql`exists (
  select from version_notice_person listed where listed.version_id = ${versionId}
    and (listed.person = holder.person or listed.address = holder.address)
)`

export async function countAudience(
  db: Db,
  version: { readonly id: string; readonly productId: string },
): Promise<Audience> {
  const { rows } = await sql<{ all: number; fetched: number; later: number; to_tell: number }>`
    select count(*)::int as all,
      count(*) filter (where fetched_at is not null)::int as fetched,
      count(*) filter (where fetched_at is null and has_bought_later)::int as later,
      count(*) filter (where fetched_at is null and not has_bought_later and not ${isListed(version.id)})::int as to_tell
    from (${people(version)}) holder
  `.execute(db)
  const row = rows[0]
  return {
    all: row?.all ?? 0,
    fetched: row?.fetched ?? 0,
    boughtLater: row?.later ?? 0,
    toTell: row?.to_tell ?? 0,
  }
}

export interface Notice {
  readonly id: string
  readonly versionId: string
  readonly state: 'running' | 'stopped' | 'done'
  readonly waiting: number
  readonly told: number
  /** Fetched it meanwhile, or may not open it any more. */
  readonly leftOut: number
  readonly createdAt: Date
  readonly finishedAt: Date | undefined
}

export async function findNotice(db: Db, versionId: string): Promise<Notice | undefined> {
  const { rows } = await sql<{
    id: string
    state: Notice['state']
    waiting: number
    told: number
    left_out: number
    created_at: Date
    finished_at: Date | null
  }>`
    select notice.id, notice.state, notice.created_at, notice.finished_at,
      count(*) filter (where person.state = 'waiting')::int as waiting,
      count(*) filter (where person.state = 'told')::int as told,
      count(*) filter (where person.state = 'left_out')::int as left_out
    from version_notice notice
    left join version_notice_person person on person.version_id = notice.version_id
    where notice.version_id = ${versionId}
    group by notice.id
  `.execute(db)
  const row = rows[0]
  return (
    row && {
      id: row.id,
      versionId,
      state: row.state,
      waiting: row.waiting,
      told: row.told,
      leftOut: row.left_out,
      createdAt: row.created_at,
      finishedAt: row.finished_at ?? undefined,
    }
  )
}

/** Begins the telling of a version, or goes on with one that was stopped or done. */
export async function startNotice(tx: Tx, versionId: string, by: string | null): Promise<void> {
  await sql`
    insert into version_notice (version_id, asked_by) values (${versionId}, ${by})
    on conflict (version_id) do update set state = 'running', finished_at = null, next_at = machine_now()
  `.execute(tx)
}

/** Puts everybody on the list who is to be told and is not on it. Returns how many came on it. */
export async function listPeople(
  tx: Tx,
  version: { readonly id: string; readonly productId: string },
): Promise<number> {
  const result = await sql`
    insert into version_notice_person (version_id, person, address, entitlement_id)
    select ${version.id}, person, address, entitlement_id from (${people(version)}) holder
    where fetched_at is null and not has_bought_later
    on conflict do nothing
  `.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

/** Stops a running notice. Returns whether it ran. */
export async function stopNotice(tx: Tx, versionId: string): Promise<boolean> {
  const result = await tx
    .updateTable('version_notice')
    .set({ state: 'stopped' })
    .where('version_id', '=', versionId)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Takes the running notice whose turn it is, and sets its next turn: several processes tell no faster than one. */
export async function takeNotice(
  tx: Tx,
  pauseMs: number,
): Promise<{ versionId: string; productId: string } | undefined> {
  const { rows } = await sql<{ version_id: string; product_id: string }>`
    update version_notice notice set next_at = machine_now() + ${pauseMs} * interval '1 millisecond'
    from download_version version, download_item item
    where notice.id = (
        select id from version_notice where state = 'running' and next_at <= machine_now()
        order by next_at limit 1 for update skip locked
      )
      and version.id = notice.version_id and item.id = version.item_id
    returning notice.version_id, item.product_id
  `.execute(tx)
  const row = rows[0]
  return row && { versionId: row.version_id, productId: row.product_id }
}

export interface WaitingPerson {
  readonly person: string
  readonly address: string
  readonly entitlementId: string
  /** Still may open it, and has not fetched the version meanwhile. */
  readonly isToBeTold: boolean
}

/** The next people of a list, locked, with whether they are still to be told. */
export async function waitingPeople(
  tx: Tx,
  versionId: string,
  most: number,
): Promise<WaitingPerson[]> {
  const { rows } = await sql<{
    person: string
    address: string
    entitlement_id: string
    is_to_be_told: boolean
  }>`
    select listed.person, listed.address, listed.entitlement_id,
      entitlement.state = 'active' and (entitlement.ends_at is null or entitlement.ends_at > clock_now())
        and not exists (
          select from download_window done
          where done.entitlement_id = entitlement.id and done.version_id = ${versionId} and done.completed_at is not null
        ) as is_to_be_told
    from version_notice_person listed
    join entitlement on entitlement.id = listed.entitlement_id
    where listed.version_id = ${versionId} and listed.state = 'waiting'
    order by listed.person limit ${most}
    for update of listed skip locked
  `.execute(tx)
  return rows.map((row) => ({
    person: row.person,
    address: row.address,
    entitlementId: row.entitlement_id,
    isToBeTold: row.is_to_be_told,
  }))
}

export async function markPeople(
  tx: Tx,
  versionId: string,
  people: readonly string[],
  state: 'told' | 'left_out',
): Promise<void> {
  if (people.length === 0) return
  await tx
    .updateTable('version_notice_person')
    .set({ state, at: clockNow })
    .where('version_id', '=', versionId)
    .where('person', 'in', people)
    .execute()
}

export async function finishNotice(tx: Tx, versionId: string): Promise<void> {
  await tx
    .updateTable('version_notice')
    .set({ state: 'done', finished_at: clockNow })
    .where('version_id', '=', versionId)
    .where('state', '=', 'running')
    .execute()
}

export interface Holder {
  /** The customer: what a page of the list is found by. */
  readonly id: string
  readonly email: string
  readonly name: string | undefined
  readonly entitlementId: string
  readonly fetchedAt: Date | undefined
  readonly toldAt: Date | undefined
  readonly notice: 'waiting' | 'told' | 'left_out' | undefined
}

/** Who may open the product and whether they have the version, by address; nearest to the mark first. */
export async function holders(
  db: Db,
  version: { readonly id: string; readonly productId: string },
  which: 'all' | 'fetched' | 'not_fetched',
  reach: Reach,
): Promise<Holder[]> {
  const isDown = reach.direction === 'older'
  const beyond = sql.raw(isDown ? '>' : '<')
  const order = sql.raw(isDown ? 'asc' : 'desc')
  const { rows } = await sql<{
    customer_id: string
    address: string
    name: string | null
    entitlement_id: string
    fetched_at: Date | null
    told_at: Date | null
    state: Holder['notice'] | null
  }>`
    with holder as (${people(version)})
    select holder.customer_id, holder.address, holder.name, holder.entitlement_id, holder.fetched_at,
      listed.state, listed.at as told_at
    from holder
    left join version_notice_person listed on listed.version_id = ${version.id} and listed.address = holder.address
    where ${which === 'all' ? sql`true` : which === 'fetched' ? sql`fetched_at is not null` : sql`fetched_at is null`}
      and ${
        reach.mark === undefined
          ? sql`true`
          : sql`(holder.address, holder.customer_id) ${beyond}
              (select mark.address, mark.customer_id from holder mark where mark.customer_id = ${reach.mark}::uuid)`
      }
    order by holder.address ${order}, holder.customer_id ${order}
    limit ${reach.limit}
  `.execute(db)
  return rows.map((row) => ({
    id: row.customer_id,
    email: row.address,
    name: row.name ?? undefined,
    entitlementId: row.entitlement_id,
    fetchedAt: row.fetched_at ?? undefined,
    toldAt: row.state === 'told' ? (row.told_at ?? undefined) : undefined,
    notice: row.state ?? undefined,
  }))
}
