import { sql } from 'kysely'
import { isId } from '#modules/platform/ids.ts'
import { clockNow, sqlState, type Db, type Tx } from '#modules/platform/server/index.ts'
import { containing, prefixQuery, searchWords } from '../search-words.ts'
import type {
  OfferedPrice,
  Offer,
  OwnerProductRow,
  ProductCard,
  ProductName,
  ProductState,
} from '../types.ts'
import { picturesOf } from './store.images.ts'

/** What every list of products reads. */
const cardColumns = [
  'product.id',
  'product.slug',
  'product.kind',
  'product.title',
  'product.summary',
  'product.state',
  'product.is_example',
  'product.updated_at',
  'price.id as price_id',
  'price.amount_minor',
  'price.currency',
  'price.is_open',
  'price.suggested_minor',
] as const

interface CardRow {
  id: string
  slug: string
  kind: string
  title: string
  summary: string
  state: string
  is_example: boolean
  updated_at: Date
  price_id: string | null
  amount_minor: number | null
  currency: string | null
  is_open: boolean | null
  suggested_minor: number | null
}

/** The active price that came with a product's row. */
function priceOf(
  row: Pick<CardRow, 'price_id' | 'amount_minor' | 'currency' | 'is_open' | 'suggested_minor'>,
): OfferedPrice | undefined {
  return row.price_id === null || row.amount_minor === null || row.currency === null
    ? undefined
    : {
        id: row.price_id,
        minor: row.amount_minor,
        currency: row.currency,
        isOpen: row.is_open ?? false,
        suggestedMinor: row.suggested_minor ?? undefined,
      }
}

/** Products with their active price; those without one too. */
const products = (db: Db) =>
  db
    .selectFrom('product')
    .leftJoin('price', (join) =>
      join.onRef('price.product_id', '=', 'product.id').on('price.is_active', '=', true),
    )

/** Only what can be bought now. */
const inStore = (db: Db) =>
  products(db).where('product.state', '=', 'live').where('price.id', 'is not', null)

export interface Slice {
  readonly limit: number
  readonly offset: number
}

/** A page never asks for more; what comes from an address is brought into bounds. */
function bounded({ limit, offset }: Slice): Slice {
  const whole = (value: number, most: number) =>
    Number.isFinite(value) ? Math.min(most, Math.max(0, Math.trunc(value))) : 0
  return { limit: whole(limit, 200), offset: whole(offset, 1_000_000) }
}

export async function liveProducts(
  db: Db,
  filter: { readonly kind?: string } & Slice,
): Promise<{ items: ProductCard[]; total: number }> {
  const { limit, offset } = bounded(filter)
  let query = inStore(db)
  if (filter.kind !== undefined) query = query.where('product.kind', '=', filter.kind)
  const { total } = await query
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await query
    .select(cardColumns)
    .orderBy('product.position')
    .orderBy('product.published_at', 'desc')
    .orderBy('product.id')
    .limit(limit)
    .offset(offset)
    .execute()
  return { items: await withCovers(db, rows), total }
}

/** Finds by all words, best first; where no product has them, by the text anywhere in the title. */
export async function findLiveProducts(
  db: Db,
  text: string,
  slice: Slice,
): Promise<{ items: ProductCard[]; total: number }> {
  const { limit, offset } = bounded(slice)
  const words = prefixQuery(searchWords(text))
  if (words !== undefined) {
    const matching = sql<boolean>`product.search @@ to_tsquery('simple', ${words})`
    const { total } = await inStore(db)
      .where(matching)
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
    if (total > 0) {
      const rows = await inStore(db)
        .where(matching)
        .select(cardColumns)
        .orderBy(sql`ts_rank(product.search, to_tsquery('simple', ${words}))`, 'desc')
        .orderBy('product.position')
        .orderBy('product.id')
        .limit(limit)
        .offset(offset)
        .execute()
      return { items: await withCovers(db, rows), total }
    }
  }
  if (text.trim() === '') return { items: [], total: 0 }
  const inTitle = inStore(db).where('product.title', 'ilike', containing(text.trim()))
  const { total } = await inTitle
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await inTitle
    .select(cardColumns)
    .orderBy('product.position')
    .orderBy('product.id')
    .limit(limit)
    .offset(offset)
    .execute()
  return { items: await withCovers(db, rows), total }
}

export async function liveKinds(db: Db): Promise<{ kind: string; count: number }[]> {
  return inStore(db)
    .select(({ fn }) => ['product.kind', fn.countAll<number>().as('count')])
    .groupBy('product.kind')
    .orderBy('product.kind')
    .execute()
}

async function withCovers(db: Db, rows: readonly CardRow[]): Promise<OwnerProductRow[]> {
  const covers = await picturesOf(
    db,
    rows.map((row) => row.id),
    { coversOnly: true },
  )
  return rows.map((row) => ({ ...cardOf(row), cover: covers.get(row.id)?.[0] }))
}

function cardOf(row: CardRow): OwnerProductRow {
  return {
    id: row.id,
    slug: row.slug,
    kind: row.kind,
    title: row.title,
    summary: row.summary,
    // The table's check holds it to these words.
    state: row.state as ProductState,
    price: priceOf(row),
    cover: undefined,
    isExample: row.is_example,
    updatedAt: row.updated_at,
  }
}

export interface FullProduct extends OwnerProductRow {
  readonly descriptionMd: string
  readonly position: number
  readonly createdAt: Date
  readonly publishedAt: Date | undefined
  readonly archivedAt: Date | undefined
  readonly mostPerOrder: number
}

/** One product in full, of any state, without its pictures. */
export async function findProduct(
  db: Db,
  by: { readonly id: string } | { readonly slug: string },
): Promise<FullProduct | undefined> {
  const row = await products(db)
    .select(cardColumns)
    .select([
      'product.description_md',
      'product.position',
      'product.created_at',
      'product.published_at',
      'product.archived_at',
      'product.most_per_order',
    ])
    .where((where) =>
      'id' in by ? where('product.id', '=', by.id) : where('product.slug', '=', by.slug),
    )
    .executeTakeFirst()
  return (
    row && {
      ...cardOf(row),
      descriptionMd: row.description_md,
      position: row.position,
      createdAt: row.created_at,
      publishedAt: row.published_at ?? undefined,
      archivedAt: row.archived_at ?? undefined,
      mostPerOrder: row.most_per_order,
    }
  )
}

/** Products that can be bought now, without their questions; others are left out. */
export async function findOffers(
  db: Db,
  ids: readonly string[],
): Promise<Omit<Offer, 'questions'>[]> {
  if (ids.length === 0) return []
  const rows = await inStore(db)
    .select([...cardColumns, 'product.most_per_order'])
    .where('product.id', 'in', ids)
    .execute()
  return rows.flatMap((row) => {
    const price = priceOf(row)
    return price
      ? [
          {
            productId: row.id,
            slug: row.slug,
            kind: row.kind,
            title: row.title,
            summary: row.summary,
            price,
            mostPerOrder: row.most_per_order,
          },
        ]
      : []
  })
}

/** What products of any state but drafts are called and cost now; 0 for those without a price. In the order of the ids. */
export async function findParts(
  db: Db,
  ids: readonly string[],
): Promise<{ productId: string; kind: string; title: string; priceMinor: number }[]> {
  if (ids.length === 0) return []
  const rows = await products(db)
    .select(['product.id', 'product.kind', 'product.title', 'price.amount_minor'])
    .where('product.id', 'in', ids)
    .where('product.state', '<>', 'draft')
    .execute()
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => {
    const row = found.get(id)
    return row
      ? [{ productId: id, kind: row.kind, title: row.title, priceMinor: row.amount_minor ?? 0 }]
      : []
  })
}

export async function setMostPerOrder(tx: Tx, productId: string, most: number): Promise<void> {
  await tx
    .updateTable('product')
    .set({ most_per_order: most, updated_at: clockNow })
    .where('id', '=', productId)
    .execute()
}

/** The product that once had this address. */
export async function findByFormerSlug(
  db: Db,
  slug: string,
): Promise<{ slug: string; title: string; state: ProductState } | undefined> {
  const row = await db
    .selectFrom('product_former_slug')
    .innerJoin('product', 'product.id', 'product_former_slug.product_id')
    .select(['product.slug', 'product.title', 'product.state'])
    .where('product_former_slug.slug', '=', slug)
    .executeTakeFirst()
  return row && { slug: row.slug, title: row.title, state: row.state as ProductState }
}

export async function formerSlugs(db: Db, productId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('product_former_slug')
    .select('slug')
    .where('product_id', '=', productId)
    .orderBy('slug')
    .limit(100)
    .execute()
  return rows.map((row) => row.slug)
}

export async function productNames(
  db: Db,
  ids: readonly string[],
): Promise<Map<string, ProductName>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('product')
    .select(['id', 'title', 'slug', 'kind', 'state'])
    .where('id', 'in', ids)
    .execute()
  return new Map(
    rows.map(({ id, title, slug, kind, state }) => [
      id,
      { title, slug, kind, state: state as ProductState },
    ]),
  )
}

export interface OwnerFilter extends Slice {
  /** undefined: all but archived ones. */
  readonly state: ProductState | undefined
  readonly search: string
}

export async function ownerProductRows(
  db: Db,
  filter: OwnerFilter,
): Promise<{ items: OwnerProductRow[]; total: number }> {
  const { limit, offset } = bounded(filter)
  let query = products(db)
  query = filter.state
    ? query.where('product.state', '=', filter.state)
    : query.where('product.state', '<>', 'archived')
  if (filter.search.trim() !== '') {
    // The owner finds by words, and by any part of title or address.
    const words = prefixQuery(searchWords(filter.search))
    const pattern = containing(filter.search.trim())
    query = query.where((where) =>
      where.or([
        where('product.title', 'ilike', pattern),
        where('product.slug', 'like', pattern),
        ...(words === undefined
          ? []
          : [sql<boolean>`product.search @@ to_tsquery('simple', ${words})`]),
      ]),
    )
  }
  const { total } = await query
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await query
    .select(cardColumns)
    .orderBy('product.created_at', 'desc')
    .orderBy('product.id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  return { items: await withCovers(db, rows), total }
}

export interface ProductCounts extends Readonly<Record<ProductState, number>> {
  /** Not archived ones. */
  readonly examples: number
}

export async function countProducts(db: Db): Promise<ProductCounts> {
  const rows = await db
    .selectFrom('product')
    .select(({ fn }) => ['state', 'is_example', fn.countAll<number>().as('count')])
    .groupBy(['state', 'is_example'])
    .execute()
  const count = (fits: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(fits).reduce((sum, row) => sum + row.count, 0)
  return {
    draft: count((row) => row.state === 'draft'),
    live: count((row) => row.state === 'live'),
    archived: count((row) => row.state === 'archived'),
    examples: count((row) => row.is_example && row.state !== 'archived'),
  }
}

export interface LockedProduct extends ProductText {
  readonly id: string
  readonly kind: string
  readonly state: ProductState
  readonly isExample: boolean
  readonly wasPublished: boolean
}

/** One product, locked until the transaction ends: everything that changes it starts here. */
export async function lockProduct(tx: Tx, id: string): Promise<LockedProduct | undefined> {
  if (!isId(id)) return undefined
  const row = await tx
    .selectFrom('product')
    .select([
      'id',
      'slug',
      'kind',
      'title',
      'summary',
      'description_md',
      'position',
      'state',
      'is_example',
      'published_at',
    ])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      slug: row.slug,
      kind: row.kind,
      title: row.title,
      summary: row.summary,
      descriptionMd: row.description_md,
      position: row.position,
      state: row.state as ProductState,
      isExample: row.is_example,
      wasPublished: row.published_at !== null,
    }
  )
}

export interface ProductText {
  readonly title: string
  readonly slug: string
  readonly summary: string
  readonly descriptionMd: string
  readonly position: number
}

export async function insertProduct(
  tx: Tx,
  product: ProductText & {
    readonly id?: string
    readonly kind: string
    readonly isExample: boolean
  },
): Promise<string> {
  const { id } = await tx
    .insertInto('product')
    .values({
      ...(product.id === undefined ? {} : { id: product.id }),
      slug: product.slug,
      kind: product.kind,
      title: product.title,
      summary: product.summary,
      description_md: product.descriptionMd,
      position: product.position,
      is_example: product.isExample,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function writeText(tx: Tx, id: string, text: ProductText): Promise<void> {
  await tx
    .updateTable('product')
    .set({
      title: text.title,
      slug: text.slug,
      summary: text.summary,
      description_md: text.descriptionMd,
      position: text.position,
      updated_at: clockNow,
    })
    .where('id', '=', id)
    .execute()
}

/** Says that something belonging to the product changed: its pictures, price or contents. */
export async function touchProduct(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('product').set({ updated_at: clockNow }).where('id', '=', id).execute()
}

export async function writeState(tx: Tx, id: string, state: ProductState): Promise<void> {
  await tx
    .updateTable('product')
    .set({
      state,
      updated_at: clockNow,
      archived_at: state === 'archived' ? clockNow : null,
      ...(state === 'live' ? { published_at: sql<Date>`coalesce(published_at, clock_now())` } : {}),
    })
    .where('id', '=', id)
    .execute()
}

/** Two decisions about addresses never run at once: both would find the same one free. */
export async function lockSlugs(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('product slug'))`.execute(tx)
}

/** Whether an address belongs, or once belonged, to another product. */
export async function isSlugTaken(
  tx: Tx,
  slug: string,
  exceptProduct: string | undefined,
): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select exists (
      select from product where slug = ${slug} and id is distinct from ${exceptProduct ?? null}
      union all
      select from product_former_slug
      where slug = ${slug} and product_id is distinct from ${exceptProduct ?? null}
    ) as taken
  `.execute(tx)
  return rows[0]?.taken ?? false
}

export async function keepFormerSlug(tx: Tx, productId: string, slug: string): Promise<void> {
  await tx
    .insertInto('product_former_slug')
    .values({ slug, product_id: productId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function forgetFormerSlug(tx: Tx, productId: string, slug: string): Promise<void> {
  await tx
    .deleteFrom('product_former_slug')
    .where('slug', '=', slug)
    .where('product_id', '=', productId)
    .execute()
}

const foreignKeyViolation = '23503'

/**
 * Deletes a product with its prices; returns the images it showed. undefined when a checkout or an order names it:
 * their foreign keys know best, and what they refuse does not end the caller's transaction.
 */
export async function deleteProductRow(tx: Tx, id: string): Promise<string[] | undefined> {
  await sql`savepoint before_delete`.execute(tx)
  try {
    const pictures = await tx
      .deleteFrom('product_image')
      .where('product_id', '=', id)
      .returning('image_id')
      .execute()
    await tx.deleteFrom('product').where('id', '=', id).execute()
    return pictures.map((row) => row.image_id)
  } catch (error) {
    if (sqlState(error) !== foreignKeyViolation) throw error
    await sql`rollback to savepoint before_delete`.execute(tx)
    return undefined
  }
}

/** What it holds goes with it where it is a bundle: without its parts it could not be sold. */
export async function markOwn(tx: Tx, id: string): Promise<void> {
  await sql`update product set is_example = false
    where is_example and (id = ${id} or id in (select part_id from bundle_part where bundle_id = ${id}))`.execute(
    tx,
  )
}

export async function exampleProductIds(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('product')
    .select('id')
    .where('is_example', '=', true)
    .where('state', '<>', 'archived')
    .orderBy('created_at')
    .limit(200)
    .execute()
  return rows.map((row) => row.id)
}
