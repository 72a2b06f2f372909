import { sql } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'

export interface Part {
  readonly id: string
  readonly title: string
}

/** What bundles hold, in order; drafts among it are left out. */
export async function partsOfBundles(
  db: Db,
  bundleIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Part[]>> {
  if (bundleIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('bundle_part')
    .innerJoin('product', 'product.id', 'bundle_part.part_id')
    .select(['bundle_part.bundle_id', 'product.id', 'product.title'])
    .where('bundle_part.bundle_id', 'in', bundleIds)
    .where('product.state', '<>', 'draft')
    .orderBy('bundle_part.bundle_id')
    .orderBy('bundle_part.position')
    .orderBy('product.id')
    .execute()
  return new Map(
    [...Map.groupBy(rows, (row) => row.bundle_id)].map(([bundleId, own]) => [
      bundleId,
      own.map(({ id, title }) => ({ id, title })),
    ]),
  )
}

export interface PartChoice {
  readonly id: string
  readonly title: string
  readonly kind: string
  readonly state: string
  /** undefined: not in the bundle. */
  readonly position: number | undefined
}

/** What the owner can choose from for a bundle: what is in it first, then the newest others. */
export async function partRows(db: Db, bundleId: string): Promise<PartChoice[]> {
  const rows = await db
    .selectFrom('product')
    .leftJoin('bundle_part', (join) =>
      join
        .onRef('bundle_part.part_id', '=', 'product.id')
        .on('bundle_part.bundle_id', '=', bundleId),
    )
    .select([
      'product.id',
      'product.title',
      'product.kind',
      'product.state',
      'bundle_part.position',
    ])
    .where('product.kind', '<>', 'bundle')
    .where((where) =>
      where.or([
        where('product.state', '<>', 'archived'),
        where('bundle_part.position', 'is not', null),
      ]),
    )
    .orderBy(sql`bundle_part.position nulls last`)
    .orderBy('product.created_at', 'desc')
    .limit(200)
    .execute()
  return rows.map((row) => ({ ...row, position: row.position ?? undefined }))
}

export async function partIdsOf(db: Db, bundleId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('bundle_part')
    .select('part_id')
    .where('bundle_id', '=', bundleId)
    .orderBy('position')
    .orderBy('part_id')
    .execute()
  return rows.map((row) => row.part_id)
}

export async function titlesOfBundlesWith(db: Db, partId: string, most: number): Promise<string[]> {
  const rows = await db
    .selectFrom('bundle_part')
    .innerJoin('product', 'product.id', 'bundle_part.bundle_id')
    .select('product.title')
    .where('bundle_part.part_id', '=', partId)
    .where('product.state', '=', 'live')
    .orderBy('product.title')
    .limit(most)
    .execute()
  return rows.map((row) => row.title)
}

/** Locked until the transaction ends. false: it is no bundle. */
export async function lockBundle(tx: Tx, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('product')
    .select('id')
    .where('id', '=', id)
    .where('kind', '=', 'bundle')
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Returns how many parts it holds now. */
export async function replaceParts(
  tx: Tx,
  bundleId: string,
  partIds: readonly string[],
): Promise<number> {
  await tx.deleteFrom('bundle_part').where('bundle_id', '=', bundleId).execute()
  const { rows } = await sql`
    insert into bundle_part (bundle_id, part_id, position)
    select ${bundleId}::uuid, product.id, wanted.position
    from unnest(${[...partIds]}::uuid[]) with ordinality as wanted (id, position)
    join product on product.id = wanted.id
    where product.kind <> 'bundle'
    returning part_id
  `.execute(tx)
  return rows.length
}

export async function copyParts(tx: Tx, from: string, to: string): Promise<void> {
  await tx
    .insertInto('bundle_part')
    .columns(['bundle_id', 'part_id', 'position'])
    .expression((query) =>
      query
        .selectFrom('bundle_part')
        .select([sql<string>`${to}::uuid`.as('bundle_id'), 'part_id', 'position'])
        .where('bundle_id', '=', from),
    )
    .execute()
}
