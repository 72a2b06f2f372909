import { sql, type RawBuilder } from 'kysely'
import { containing, prefixQuery, searchWords } from '#modules/catalog/search-words.ts'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import { beginningOf, readingMinutes } from '../reading.ts'
import type { Access, Category, OwnerPostRow, PostCard, PostLink, PostState } from '../types.ts'

/** A question that answers nothing. */
export const nothingBeside = <Answer>(): RawBuilder<Answer | null> => sql`null::text`

export interface StoredPost {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly author: string
  readonly bodyMd: string
  readonly openWords: string
  readonly wordCount: number
  readonly category: Category | undefined
  readonly state: PostState
  readonly publishedAt: Date | undefined
  readonly updatedAt: Date
  readonly deletedAt: Date | undefined
  readonly isExample: boolean
  readonly access: Access
}

/** What use cases write of a post's words. */
export interface PostWords {
  readonly title: string
  readonly slug: string
  readonly author: string
  readonly bodyMd: string
  readonly openWords: string
  readonly wordCount: number
  readonly categorySlug: string | null
  readonly isPremium: boolean
  readonly opensToAnyPlan: boolean
}

const posts = (db: Db) =>
  db
    .selectFrom('post')
    .leftJoin('post_category', 'post_category.slug', 'post.category_slug')
    .select([
      'post.id',
      'post.slug',
      'post.title',
      'post.author',
      'post.body_md as bodyMd',
      'post.open_words as openWords',
      'post.word_count as wordCount',
      'post.category_slug',
      'post_category.title as category_title',
      'post.state',
      'post.published_at',
      'post.updated_at as updatedAt',
      'post.deleted_at',
      'post.is_example as isExample',
      'post.is_premium',
      'post.opens_to_any_plan',
      sql<{ benefit: string; subject: string }[] | null>`(
        select json_agg(json_build_object('benefit', benefit, 'subject', subject_id) order by benefit, subject_id)
        from post_opener where post_id = post.id
      )`.as('openers'),
    ])

type Row = Awaited<ReturnType<ReturnType<typeof posts>['executeTakeFirstOrThrow']>>

function fromRow(row: Row): StoredPost {
  const { id, slug, title, author, bodyMd, openWords, wordCount, updatedAt, isExample } = row
  const subjects = (benefit: string) =>
    (row.openers ?? []).flatMap((one) => (one.benefit === benefit ? [one.subject] : []))
  return {
    id,
    slug,
    title,
    author,
    bodyMd,
    openWords,
    wordCount,
    updatedAt,
    isExample,
    category: categoryOf(row),
    // The table's check holds it to these words.
    state: row.state as PostState,
    publishedAt: row.published_at ?? undefined,
    deletedAt: row.deleted_at ?? undefined,
    access: row.is_premium
      ? {
          kind: 'premium',
          anyPlan: row.opens_to_any_plan,
          planIds: subjects('plan'),
          productIds: subjects('product'),
        }
      : { kind: 'free' },
  }
}

function categoryOf(row: {
  category_slug: string | null
  category_title: string | null
}): Category | undefined {
  return row.category_slug !== null && row.category_title !== null
    ? { slug: row.category_slug, title: row.category_title }
    : undefined
}

export async function findPost(
  db: Db,
  by: { readonly id: string } | { readonly slug: string },
): Promise<StoredPost | undefined> {
  const row = await (
    'id' in by ? posts(db).where('post.id', '=', by.id) : posts(db).where('post.slug', '=', by.slug)
  ).executeTakeFirst()
  return row && fromRow(row)
}

/** The post, locked against changes by others until the transaction ends. */
export async function lockPost(tx: Tx, id: string): Promise<StoredPost | undefined> {
  const locked = await tx
    .selectFrom('post')
    .select('id')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return locked && findPost(tx, { id })
}

// ---- public lists ----

/** What visitors find. */
const inStore = (db: Db) =>
  db
    .selectFrom('post')
    .leftJoin('post_category', 'post_category.slug', 'post.category_slug')
    .where('post.state', '=', 'published')
    .where('post.deleted_at', 'is', null)

const cardColumns = [
  'post.id',
  'post.slug',
  'post.title',
  'post.author',
  'post.published_at',
  'post.is_premium',
  'post.word_count',
  'post.category_slug',
  'post_category.title as category_title',
] as const

/** The beginning of the open words; the rest of them is not needed in a list. */
const opening = sql<string>`left(post.open_words, 260)`.as('opening')

interface CardRow {
  id: string
  slug: string
  title: string
  author: string
  published_at: Date | null
  is_premium: boolean
  word_count: number
  category_slug: string | null
  category_title: string | null
  opening: string
}

function asCard(row: CardRow): PostCard {
  if (row.published_at === null) throw new Error(`Post ${row.id} is published at no time.`)
  return {
    id: row.id,
    slug: row.slug,
    title: row.title,
    author: row.author,
    publishedAt: row.published_at,
    category: categoryOf(row),
    isPremium: row.is_premium,
    lead: beginningOf(row.opening, 200),
    minutes: readingMinutes(row.word_count),
  }
}

export interface Slice {
  readonly limit: number
  readonly offset: number
}

export async function publishedPosts(
  db: Db,
  filter: { readonly category?: string | undefined } & Slice,
): Promise<{ items: PostCard[]; total: number }> {
  let query = inStore(db)
  if (filter.category !== undefined) query = query.where('post.category_slug', '=', filter.category)
  const { total } = await query
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await query
    .select([...cardColumns, opening])
    .orderBy('post.published_at', 'desc')
    .orderBy('post.id', 'desc')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute()
  return { items: rows.map(asCard), total }
}

/** By all words of title and open text, best first; else by any part of the title. */
export async function searchPublishedPosts(
  db: Db,
  text: string,
  most: number,
): Promise<PostCard[]> {
  const words = prefixQuery(searchWords(text))
  if (words !== undefined) {
    const rows = await inStore(db)
      .where(sql<boolean>`post.search @@ to_tsquery('simple', ${words})`)
      .select([...cardColumns, opening])
      .orderBy(sql`ts_rank(post.search, to_tsquery('simple', ${words}))`, 'desc')
      .orderBy('post.published_at', 'desc')
      .limit(most)
      .execute()
    if (rows.length > 0) return rows.map(asCard)
  }
  if (text.trim() === '') return []
  const rows = await inStore(db)
    .where('post.title', 'ilike', containing(text.trim()))
    .select([...cardColumns, opening])
    .orderBy('post.published_at', 'desc')
    .limit(most)
    .execute()
  return rows.map(asCard)
}

/** Categories that have a published post, by name, with how many. */
export async function publishedCategories(
  db: Db,
): Promise<(Category & { readonly count: number })[]> {
  const rows = await inStore(db)
    .where('post_category.slug', 'is not', null)
    .select(['post_category.slug', 'post_category.title', sql<number>`count(*)`.as('count')])
    .groupBy(['post_category.slug', 'post_category.title'])
    .orderBy(sql`folded(post_category.title)`)
    .limit(100)
    .execute()
  return rows.flatMap(({ slug, title, count }) =>
    slug !== null && title !== null ? [{ slug, title, count }] : [],
  )
}

/** The posts published just before and just after one. */
export async function neighbours(
  db: Db,
  postId: string,
): Promise<{ earlier: PostLink | undefined; later: PostLink | undefined }> {
  const links = inStore(db).select(['post.slug', 'post.title'])
  // Read where it stands: here instants have milliseconds, there microseconds.
  const here = sql`(select published_at, id from post where id = ${postId}::uuid)`
  const [earlier, later] = await Promise.all([
    links
      .where(sql<boolean>`(post.published_at, post.id) < ${here}`)
      .orderBy('post.published_at', 'desc')
      .orderBy('post.id', 'desc')
      .limit(1)
      .executeTakeFirst(),
    links
      .where(sql<boolean>`(post.published_at, post.id) > ${here}`)
      .orderBy('post.published_at')
      .orderBy('post.id')
      .limit(1)
      .executeTakeFirst(),
  ])
  return { earlier, later }
}

export async function findByFormerSlug(
  db: Db,
  slug: string,
): Promise<{ slug: string; isPublished: boolean } | undefined> {
  return db
    .selectFrom('post_former_slug')
    .innerJoin('post', 'post.id', 'post_former_slug.post_id')
    .where('post_former_slug.slug', '=', slug)
    .select([
      'post.slug',
      sql<boolean>`post.state = 'published' and post.deleted_at is null`.as('isPublished'),
    ])
    .executeTakeFirst()
}

// ---- the owner's list ----

export type OwnerState = PostState | 'deleted'

/** How many there are: deleted ones are in no other number. */
export type PostCounts = Readonly<Record<OwnerState, number>>

export async function countPosts(db: Db): Promise<PostCounts> {
  const rows = await db
    .selectFrom('post')
    .select([
      sql<OwnerState>`case when deleted_at is not null then 'deleted' else state end`.as('state'),
      sql<number>`count(*)`.as('count'),
    ])
    .groupBy(sql`1`)
    .execute()
  const counts = { draft: 0, scheduled: 0, published: 0, deleted: 0 }
  for (const row of rows) counts[row.state] = row.count
  return counts
}

export interface OwnerFilter extends Slice {
  /** undefined: all but deleted ones. */
  readonly state: OwnerState | undefined
  readonly search: string
}

export async function ownerPostRows(
  db: Db,
  filter: OwnerFilter,
): Promise<{ items: OwnerPostRow[]; total: number }> {
  let query = db
    .selectFrom('post')
    .leftJoin('post_category', 'post_category.slug', 'post.category_slug')
    .where('post.deleted_at', filter.state === 'deleted' ? 'is not' : 'is', null)
  if (filter.state !== undefined && filter.state !== 'deleted')
    query = query.where('post.state', '=', filter.state)
  if (filter.search.trim() !== '') {
    const pattern = containing(filter.search.trim())
    query = query.where((where) =>
      where.or([
        where('post.title', 'ilike', pattern),
        where('post.slug', 'ilike', pattern),
        where('post.body_md', 'ilike', pattern),
        where('post_category.title', 'ilike', pattern),
      ]),
    )
  }
  const { total } = await query
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await query
    .select([
      'post.id',
      'post.title',
      'post.state',
      'post.is_premium as isPremium',
      'post_category.title as category',
      'post.published_at as publishedAt',
      'post.updated_at as updatedAt',
      'post.deleted_at as deletedAt',
      'post.is_example as isExample',
    ])
    // What is worked on first, then by the time it appeared.
    .orderBy(
      sql`case when post.state = 'published' then post.published_at else clock_now() + interval '100 years' end`,
      'desc',
    )
    .orderBy('post.updated_at', 'desc')
    .orderBy('post.id')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute()
  return {
    total,
    items: rows.map((row) => ({
      ...row,
      // The table's check holds it to these words.
      state: row.state as PostState,
      category: row.category ?? '',
      publishedAt: row.publishedAt ?? undefined,
      deletedAt: row.deletedAt ?? undefined,
    })),
  }
}

/** Names of all categories, for the editor to offer; at most 200. */
export async function allCategories(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('post_category')
    .select('title')
    .orderBy(sql`folded(title)`)
    .limit(200)
    .execute()
  return rows.map(({ title }) => title)
}

export async function formerSlugs(db: Db, postId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('post_former_slug')
    .select('slug')
    .where('post_id', '=', postId)
    .orderBy('slug')
    .execute()
  return rows.map(({ slug }) => slug)
}

// ---- writing ----

/** Two writers who look for a free address do so one after the other. */
export async function lockSlugs(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('post_slug'))`.execute(tx)
}

/** Whether another post has this address, or once had it. */
export async function isSlugTaken(
  tx: Tx,
  slug: string,
  exceptId: string | undefined,
): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select exists (select from post where slug = ${slug} and id is distinct from ${exceptId ?? null}::uuid)
      or exists (select from post_former_slug where slug = ${slug} and post_id is distinct from ${exceptId ?? null}::uuid)
      as taken`.execute(tx)
  return rows[0]?.taken === true
}

export async function keepFormerSlug(tx: Tx, postId: string, slug: string): Promise<void> {
  await tx
    .insertInto('post_former_slug')
    .values({ slug, post_id: postId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function forgetFormerSlug(tx: Tx, postId: string, slug: string): Promise<void> {
  await tx
    .deleteFrom('post_former_slug')
    .where('post_id', '=', postId)
    .where('slug', '=', slug)
    .execute()
}

export async function insertPost(
  tx: Tx,
  post: { readonly title: string; readonly slug: string; readonly isExample: boolean },
): Promise<string> {
  const { id } = await tx
    .insertInto('post')
    .values({ title: post.title, slug: post.slug, is_example: post.isExample })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function dropUnusedCategories(tx: Tx): Promise<void> {
  await sql`delete from post_category where not exists (select from post where category_slug = post_category.slug)`.execute(
    tx,
  )
}

export async function writeWords(tx: Tx, postId: string, words: PostWords): Promise<void> {
  await tx
    .updateTable('post')
    .set({
      title: words.title,
      slug: words.slug,
      author: words.author,
      body_md: words.bodyMd,
      open_words: words.openWords,
      word_count: words.wordCount,
      category_slug: words.categorySlug,
      is_premium: words.isPremium,
      opens_to_any_plan: words.opensToAnyPlan,
      updated_at: clockNow,
    })
    .where('id', '=', postId)
    .execute()
}

export async function replaceOpeners(
  tx: Tx,
  postId: string,
  openers: readonly { readonly benefit: 'plan' | 'product'; readonly subjectId: string }[],
): Promise<void> {
  await tx.deleteFrom('post_opener').where('post_id', '=', postId).execute()
  if (openers.length === 0) return
  await tx
    .insertInto('post_opener')
    .values(
      openers.map(({ benefit, subjectId }) => ({
        post_id: postId,
        benefit,
        subject_id: subjectId,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** at: when it appears; 'now'; undefined: what it was. */
export async function writeState(
  tx: Tx,
  postId: string,
  state: PostState,
  at?: Date | 'now',
): Promise<void> {
  await tx
    .updateTable('post')
    .set({
      state,
      updated_at: clockNow,
      ...(at === undefined ? {} : { published_at: at === 'now' ? clockNow : at }),
    })
    .where('id', '=', postId)
    .execute()
}

/** Sets when a post appeared so many hours back: the example shop has been there for a while. */
export async function datePublished(tx: Tx, postId: string, hoursAgo: number): Promise<void> {
  await sql`update post set published_at = clock_now() - make_interval(hours => ${hoursAgo}), updated_at = clock_now() - make_interval(hours => ${hoursAgo})
    where id = ${postId}::uuid`.execute(tx)
}

/** Publishes what is due; returns the ids. A row that another process took meanwhile is not due any more. */
export async function publishDue(tx: Tx): Promise<string[]> {
  const rows = await tx
    .updateTable('post')
    .set({ state: 'published' })
    .where('state', '=', 'scheduled')
    .where('deleted_at', 'is', null)
    .where('published_at', '<=', clockNow)
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Whether anything is due: most rounds find nothing, and a statement that changes no row would still renew every public page. */
export async function isAnyDue(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('post')
    .select('id')
    .where('state', '=', 'scheduled')
    .where('deleted_at', 'is', null)
    .where('published_at', '<=', clockNow)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function writeDeleted(tx: Tx, postId: string, isDeleted: boolean): Promise<void> {
  await tx
    .updateTable('post')
    .set({ deleted_at: isDeleted ? clockNow : null })
    .where('id', '=', postId)
    .execute()
}

/** Posts that were deleted more than 30 days ago. */
export async function longDeleted(db: Db, most: number): Promise<string[]> {
  const rows = await db
    .selectFrom('post')
    .select('id')
    .where('deleted_at', '<', sql<Date>`clock_now() - interval '30 days'`)
    .limit(most)
    .execute()
  return rows.map(({ id }) => id)
}

export async function deleteForGood(tx: Tx, postId: string): Promise<void> {
  await tx.deleteFrom('post').where('id', '=', postId).execute()
}

/** An example whose words its owner changed is their own. */
export async function markOwn(tx: Tx, postId: string): Promise<void> {
  await tx
    .updateTable('post')
    .set({ is_example: false })
    .where('id', '=', postId)
    .where('is_example', '=', true)
    .execute()
}

export async function deleteExamples(tx: Tx): Promise<string[]> {
  const rows = await tx
    .deleteFrom('post')
    .where('is_example', '=', true)
    .returning('title')
    .execute()
  return rows.map(({ title }) => title)
}

// ---- what is typed and not saved ----

export interface TypedWords {
  readonly version: number
  readonly fields: Readonly<Record<string, string>>
  readonly typedAt: Date
}

export async function findTyped(db: Db, postId: string): Promise<TypedWords | undefined> {
  const row = await db
    .selectFrom('post_typed')
    .select(['version', 'fields', 'typed_at'])
    .where('post_id', '=', postId)
    .executeTakeFirst()
  return (
    row && {
      version: row.version,
      // Written by writeTyped alone.
      fields: row.fields as Record<string, string>,
      typedAt: row.typed_at,
    }
  )
}

/** Keeps what was typed, if the writer has seen what was kept before; the new version, or undefined. */
export async function writeTyped(
  tx: Tx,
  postId: string,
  fields: Readonly<Record<string, string>>,
  seenVersion: number,
): Promise<number | undefined> {
  const { rows } = await sql<{ version: number }>`
    insert into post_typed (post_id, fields, version)
    select id, ${JSON.stringify(fields)}::jsonb, ${seenVersion + 1} from post where id = ${postId}::uuid
    on conflict (post_id) do update set fields = excluded.fields, version = excluded.version, typed_at = clock_now()
      where post_typed.version = ${seenVersion}
    returning version`.execute(tx)
  return rows[0]?.version
}

export async function forgetTyped(tx: Tx, postId: string): Promise<void> {
  await tx.deleteFrom('post_typed').where('post_id', '=', postId).execute()
}
