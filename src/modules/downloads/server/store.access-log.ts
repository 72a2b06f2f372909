import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import type { Db } from '#modules/platform/server/index.ts'

/** One request for a file, as it is on record. */
export interface AccessEntry {
  readonly id: string
  readonly at: Date
  readonly entitlementId: string
  readonly customerId: string
  readonly customerEmail: string
  readonly customerName: string | undefined
  readonly productId: string
  readonly productTitle: string
  readonly itemTitle: string
  readonly versionLabel: string
  /** Bytes that this request sent, and of the whole file. */
  readonly bytes: number
  readonly byteSize: number
  /** When the download it is a part of was complete: every byte had left. */
  readonly completedAt: Date | undefined
  readonly network: string | undefined
  readonly userAgent: string | undefined
}

/** Whose or which requests. */
export type LogScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'product'; readonly productId: string }
  | { readonly kind: 'entitlements'; readonly ids: readonly string[] }

/** Requests for files, nearest to the mark first. Each scope is read along an index, however long the log is. */
export async function accessEntries(db: Db, scope: LogScope, reach: Reach): Promise<AccessEntry[]> {
  const isDown = reach.direction === 'older'
  const order = sql.raw(isDown ? 'desc' : 'asc')
  const beyond =
    reach.mark === undefined
      ? sql`true`
      : sql`access.id ${sql.raw(isDown ? '<' : '>')} ${reach.mark}::bigint`
  const nearest = (where: ReturnType<typeof sql>) => sql`
    select access.* from access_log access
    where ${where} and ${beyond} and access.act = 'download'
    order by access.id ${order} limit ${reach.limit}
  `
  const found =
    scope.kind === 'all'
      ? nearest(sql`true`)
      : scope.kind === 'product'
        ? sql`select one.* from download_item item
            cross join lateral (${nearest(sql`access.item_id = item.id`)}) one
            where item.product_id = ${scope.productId}`
        : sql`select one.* from unnest(${scope.ids}::uuid[]) wanted(id)
            cross join lateral (${nearest(sql`access.entitlement_id = wanted.id`)}) one`
  const { rows } = await sql<{
    id: string | number
    at: Date
    entitlement_id: string
    customer_id: string
    email: string
    customer_name: string | null
    product_id: string
    product_title: string
    item_title: string | null
    label: string | null
    bytes: number
    byte_size: number | null
    completed_at: Date | null
    network: string | null
    user_agent: string | null
  }>`
    select access.id, access.at, access.entitlement_id, access.bytes, access.network, access.user_agent,
      customer.id as customer_id, coalesce(member.email, customer.email) as email,
      coalesce(nullif(member.name, ''), customer.name) as customer_name,
      product.id as product_id, product.title as product_title,
      item.title as item_title, version.label, file.byte_size, done.completed_at
    from (${found}) access
    join entitlement on entitlement.id = access.entitlement_id
    join customer on customer.id = entitlement.customer_id
    left join member on member.id = customer.member_id
    join product on product.id = entitlement.subject_id
    left join download_item item on item.id = access.item_id
    left join download_version version on version.id = access.version_id
    left join stored_file file on file.id = version.file_id
    left join download_window done on done.id = access.window_id
    order by access.id ${order} limit ${reach.limit}
  `.execute(db)
  return rows.map((row) => ({
    id: String(row.id),
    at: row.at,
    entitlementId: row.entitlement_id,
    customerId: row.customer_id,
    customerEmail: row.email,
    customerName: row.customer_name ?? undefined,
    productId: row.product_id,
    productTitle: row.product_title,
    itemTitle: row.item_title ?? 'A file that is gone',
    versionLabel: row.label ?? '',
    bytes: row.bytes,
    byteSize: row.byte_size ?? row.bytes,
    completedAt: row.completed_at ?? undefined,
    network: row.network ?? undefined,
    userAgent: row.user_agent ?? undefined,
  }))
}

/** Entitlements to products that these customers have, the newest first, at most 500. */
export async function entitlementsOfCustomers(
  db: Db,
  customerIds: readonly string[],
): Promise<string[]> {
  if (customerIds.length === 0) return []
  const rows = await db
    .selectFrom('entitlement')
    .select('id')
    .where('customer_id', 'in', customerIds)
    .where('benefit', '=', 'product')
    .orderBy('created_at', 'desc')
    .limit(500)
    .execute()
  return rows.map((row) => row.id)
}

export interface Holding {
  readonly entitlementId: string
  readonly customerId: string
  readonly email: string
  readonly name: string | undefined
  readonly productId: string
  readonly productTitle: string
  /** The product's limit; undefined = none. */
  readonly most: number | undefined
  /** What this buyer was allowed beyond it. */
  readonly extra: number
}

export async function findHolding(db: Db, entitlementId: string): Promise<Holding | undefined> {
  const row = await db
    .selectFrom('entitlement')
    .innerJoin('customer', 'customer.id', 'entitlement.customer_id')
    .leftJoin('member', 'member.id', 'customer.member_id')
    .innerJoin('product', 'product.id', 'entitlement.subject_id')
    .innerJoin('download', 'download.product_id', 'product.id')
    .leftJoin('download_allowance as allowance', 'allowance.entitlement_id', 'entitlement.id')
    .select([
      'customer.id as customer_id',
      'customer.email',
      'customer.name',
      'member.email as member_email',
      'member.name as member_name',
      'product.id as product_id',
      'product.title',
      'download.most_downloads',
      'allowance.extra',
    ])
    .where('entitlement.id', '=', entitlementId)
    .where('entitlement.benefit', '=', 'product')
    .executeTakeFirst()
  return (
    row && {
      entitlementId,
      customerId: row.customer_id,
      email: row.member_email ?? row.email,
      name: row.member_name || row.name || undefined,
      productId: row.product_id,
      productTitle: row.title,
      most: row.most_downloads ?? undefined,
      extra: row.extra ?? 0,
    }
  )
}
