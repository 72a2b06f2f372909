import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { customerFor } from '#modules/accounts/server/index.ts'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { followSubscription, grant } from '#modules/entitlements/server/index.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import { aProduct } from '../../../../test/sales.ts'
import type { Access, PostInput } from '../types.ts'
import {
  beginPost,
  deletePost,
  deletePostForGood,
  editPost,
  hasPosts,
  keepTyped,
  newestPostsFor,
  categoriesWithCounts,
  ownerPost,
  ownerPosts,
  postCards,
  postCategories,
  postFor,
  postSeen,
  publishDuePosts,
  publishPost,
  removeCategory,
  renameCategory,
  restorePost,
  searchPosts,
  sweepPosts,
  typedIn,
  unpublishPost,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const minute = 60_000
const day = 24 * 60 * minute
const text = 'Open words for all.\n\n<!-- more -->\n\nThe periwinkle part.'
const free: Access = { kind: 'free' }
const premium = (openers: Partial<Extract<Access, { kind: 'premium' }>>): Access => ({
  kind: 'premium',
  anyPlan: false,
  planIds: [],
  productIds: [],
  ...openers,
})

async function aPost(
  owner: OwnerActor,
  more: Partial<PostInput> & { readonly at?: Date | 'draft' } = {},
): Promise<{ id: string; input: PostInput }> {
  const { at, ...words } = more
  return inTransaction(async (tx) => {
    const { id, slug } = await beginPost(tx, owner, { title: words.title ?? 'A post' })
    const input = {
      title: 'A post',
      slug,
      author: '',
      category: '',
      bodyMd: text,
      access: free,
      ...words,
    }
    expect(await editPost(tx, owner, id, input)).toEqual({ ok: true, slug: input.slug })
    if (at !== 'draft') expect(await publishPost(tx, owner, id, at)).toMatchObject({ ok: true })
    return { id, input }
  })
}

/** What a reader has of the post at an address: the markup, and whether it is the whole. */
async function read(slug: string, reader?: MemberActor) {
  const found = await postFor(db(), slug, reader)
  return found.found === 'post' ? { html: found.post.html, isWhole: found.post.isWhole } : found
}

/** Gives the member a right to a product, as a comp. */
async function owns(member: MemberActor, productId: string): Promise<void> {
  await inTransaction(async (tx) => {
    const customerId = await customerFor(tx, { email: member.email, memberId: member.memberId })
    await grant(
      tx,
      [
        {
          customerId,
          benefit: 'product',
          subjectId: productId,
          source: { kind: 'comp', id: randomUUID() },
        },
      ],
      { actor: 'system', cause: 'test' },
    )
  })
}

/** Opens a plan to the member until a moment, as a subscription does. */
async function subscribes(member: MemberActor, planId: string, until: Date | undefined) {
  const subscriptionId = randomUUID()
  const stand = (standing: Parameters<typeof followSubscription>[2]) =>
    inTransaction(async (tx) => {
      const customerId = await customerFor(tx, { email: member.email, memberId: member.memberId })
      await followSubscription(
        tx,
        { subscriptionId, customerId, benefit: 'plan', subjectId: planId },
        standing,
        { actor: 'stripe', cause: 'test' },
      )
    })
  await stand({ isOpen: true, until })
  return { stand }
}

describe('what a reader gets', () => {
  const teaser = { html: '<p>Open words for all.</p>\n', isWhole: false }
  const whole = {
    html: '<p>Open words for all.</p>\n<p>The periwinkle part.</p>\n',
    isWhole: true,
  }

  test('of a free post everybody has the whole', async () => {
    const { actor } = await setUpOwner()
    await aPost(actor)
    expect(await read('a-post')).toEqual(whole)
  })

  test('[commerce 71] of a premium post nobody, a member without right and one of a lower plan have the teaser', async () => {
    const { actor: owner } = await setUpOwner()
    const [high, low] = [randomUUID(), randomUUID()]
    const product = await aProduct()
    await aPost(owner, { access: premium({ planIds: [high], productIds: [product.id] }) })
    const { actor: member } = await signUp('ada@example.com')
    const { actor: lower } = await signUp('low@example.com')
    await subscribes(lower, low, undefined)
    expect(await read('a-post')).toEqual(teaser)
    expect(await read('a-post', member)).toEqual(teaser)
    expect(await read('a-post', lower)).toEqual(teaser)
    expect(await read('a-post', owner)).toEqual(whole)
    await owns(member, product.id)
    expect(await read('a-post', member)).toEqual(whole)
    await subscribes(lower, high, undefined)
    expect(await read('a-post', lower)).toEqual(whole)
  })

  test('any plan opens what is open to any plan; owning a product does not', async () => {
    const { actor: owner } = await setUpOwner()
    await aPost(owner, { access: premium({ anyPlan: true }) })
    const { actor: member } = await signUp('ada@example.com')
    await owns(member, (await aProduct()).id)
    expect(await read('a-post', member)).toEqual(teaser)
    await subscribes(member, randomUUID(), undefined)
    expect(await read('a-post', member)).toEqual(whole)
  })

  test('[commerce 72] a right that ends takes the rest away to the minute, with nobody’s doing', async () => {
    const { actor: owner } = await setUpOwner()
    await aPost(owner, { access: premium({ anyPlan: true }) })
    const { actor: member } = await signUp('ada@example.com')
    const end = new Date((await now(db())).getTime() + 10 * minute)
    const { stand } = await subscribes(member, randomUUID(), end)
    expect(await read('a-post', member)).toEqual(whole)
    await passTime(10 * minute)
    expect(await read('a-post', member)).toEqual(teaser)
    await stand({ isOpen: true, until: undefined })
    expect(await read('a-post', member)).toEqual(whole)
    await stand({ isOpen: false, reason: 'unpaid' })
    expect(await read('a-post', member)).toEqual(teaser)
  })

  test('[commerce 71] nothing of the rest is found, listed or described', async () => {
    const { actor: owner } = await setUpOwner()
    await aPost(owner, { access: premium({ anyPlan: true }), category: 'Gardens' })
    expect(await searchPosts(db(), 'periwinkle')).toEqual([])
    expect(await searchPosts(db(), 'open words')).toHaveLength(1)
    const { items } = await postCards(db(), { limit: 10, offset: 0 })
    const newest = await newestPostsFor(db(), undefined, 10)
    const all = JSON.stringify([items, newest, await postCategories(db())])
    expect(all).toContain('Open words')
    expect(all).not.toContain('periwinkle')
  })

  test('made free, all of it is found; made premium again, nothing of the rest is', async () => {
    const { actor: owner } = await setUpOwner()
    const { id, input } = await aPost(owner, { access: premium({ anyPlan: true }) })
    await inTransaction((tx) => editPost(tx, owner, id, { ...input, access: free }))
    expect(await searchPosts(db(), 'periwinkle')).toHaveLength(1)
    await inTransaction((tx) => editPost(tx, owner, id, input))
    expect(await searchPosts(db(), 'periwinkle')).toEqual([])
  })
})

describe('from draft to published', () => {
  test('a draft, a deleted post and one that is still to appear are at no address and in no list', async () => {
    const { actor: owner } = await setUpOwner()
    await aPost(owner, { title: 'Draft', at: 'draft' })
    const { id } = await aPost(owner, { title: 'Gone' })
    await inTransaction((tx) => deletePost(tx, owner, id))
    await aPost(owner, {
      title: 'Later',
      at: new Date((await now(db())).getTime() + day),
    })
    for (const slug of ['draft', 'gone', 'later', 'nothing', '', '../x'])
      expect(await read(slug, owner), slug).toEqual({ found: 'none' })
    expect((await postCards(db(), { limit: 10, offset: 0 })).total).toBe(0)
    expect(await searchPosts(db(), 'open')).toEqual([])
    expect(await hasPosts(db())).toBe(false)
  })

  test('a scheduled post appears at its minute, once, whoever looks for it; kept pages are renewed then and not before', async () => {
    const { actor: owner } = await setUpOwner()
    const at = new Date((await now(db())).getTime() + 30 * minute)
    const { id } = await aPost(owner, { at })
    const version = async () =>
      (await db().selectFrom('public_version').select('version').executeTakeFirstOrThrow()).version
    const before = await version()
    expect(await publishDuePosts()).toBe(0)
    expect(await version()).toBe(before)
    await passTime(30 * minute)
    const published = await Promise.all([publishDuePosts(), publishDuePosts(), publishDuePosts()])
    expect(published.toSorted()).toEqual([0, 0, 1])
    expect(await version()).toBeGreaterThan(before)
    expect((await ownerPost(db(), id))?.publishedAt).toEqual(at)
    expect(await read('a-post')).toMatchObject({ isWhole: true })
  })

  test('a moment that is over, and a post without words, are refused', async () => {
    const { actor: owner } = await setUpOwner()
    const { id } = await aPost(owner, { at: 'draft' })
    const past = new Date((await now(db())).getTime() - minute)
    expect(await inTransaction((tx) => publishPost(tx, owner, id, past))).toEqual({
      ok: false,
      reason: 'past',
    })
    const empty = await inTransaction((tx) => beginPost(tx, owner, { title: 'Empty' }))
    expect(await inTransaction((tx) => publishPost(tx, owner, empty.id))).toEqual({
      ok: false,
      reason: 'empty',
    })
  })

  test('taken back and published again it keeps its day', async () => {
    const { actor: owner } = await setUpOwner()
    const { id } = await aPost(owner)
    const first = (await ownerPost(db(), id))?.publishedAt
    await inTransaction((tx) => unpublishPost(tx, owner, id))
    expect(await read('a-post')).toEqual({ found: 'none' })
    await passTime(day)
    await inTransaction((tx) => publishPost(tx, owner, id))
    expect((await ownerPost(db(), id))?.publishedAt).toEqual(first)
  })

  test('before and after lead along the published ones', async () => {
    const { actor: owner } = await setUpOwner()
    for (const title of ['One', 'Two', 'Three']) {
      await aPost(owner, { title })
      await passTime(minute)
    }
    const two = await postFor(db(), 'two', undefined)
    expect(two).toMatchObject({ earlier: { slug: 'one' }, later: { slug: 'three' } })
    const one = await postFor(db(), 'one', undefined)
    expect(one).toMatchObject({ earlier: undefined, later: { slug: 'two' } })
  })

  test('an address that was published leads on to the post, and no other post takes it', async () => {
    const { actor: owner } = await setUpOwner()
    const { id, input } = await aPost(owner)
    await inTransaction((tx) => editPost(tx, owner, id, { ...input, slug: 'moved' }))
    expect(await postFor(db(), 'a-post', undefined)).toEqual({ found: 'moved', slug: 'moved' })
    const other = await aPost(owner)
    expect(other.input.slug).toBe('a-post-2')
    expect(
      await inTransaction((tx) =>
        editPost(tx, owner, other.id, { ...other.input, slug: 'a-post' }),
      ),
    ).toEqual({ ok: false, reason: 'slug_taken' })
  })
})

describe('writing', () => {
  test('nobody saves over what they have not seen, in words or in who may read it', async () => {
    const { actor: owner } = await setUpOwner()
    const { id, input } = await aPost(owner)
    const seen = postSeen(input)
    const product = await aProduct()
    await inTransaction((tx) =>
      editPost(tx, owner, id, { ...input, access: premium({ productIds: [product.id] }) }, seen),
    )
    expect(
      await inTransaction((tx) => editPost(tx, owner, id, { ...input, title: 'Mine' }, seen)),
    ).toEqual({ ok: false, reason: 'changed' })
    expect(await ownerPost(db(), id)).toMatchObject({
      title: 'A post',
      access: premium({ productIds: [product.id] }),
    })
  })

  test('what is typed is kept until it is saved; the tab that has not seen it is told', async () => {
    const { actor: owner } = await setUpOwner()
    const { id, input } = await aPost(owner, { at: 'draft' })
    const keep = (words: string, version: number) =>
      inTransaction((tx) => keepTyped(tx, id, { bodyMd: words }, version))
    expect(await keep('one', 0)).toBe(1)
    expect(await keep('one two', 1)).toBe(2)
    expect(await keep('other tab', 0)).toBeUndefined()
    expect(await keep('other tab', 1)).toBeUndefined()
    expect(await typedIn(db(), id)).toMatchObject({ version: 2, fields: { bodyMd: 'one two' } })
    expect(await inTransaction((tx) => keepTyped(tx, randomUUID(), {}, 0))).toBeUndefined()
    await inTransaction((tx) => editPost(tx, owner, id, input))
    expect(await typedIn(db(), id)).toBeUndefined()
  })

  test('a category is made by its first post and goes with its last; its spelling stays', async () => {
    const { actor: owner } = await setUpOwner()
    const { id, input } = await aPost(owner, { category: 'Tea & Milk' })
    await aPost(owner, { title: 'Two', category: 'tea  milk' })
    expect(await postCategories(db())).toEqual([
      { slug: 'tea-milk', title: 'Tea & Milk', count: 2 },
    ])
    await inTransaction((tx) => editPost(tx, owner, id, { ...input, category: '' }))
    expect((await postCategories(db())).map(({ count }) => count)).toEqual([1])
  })

  test('a renamed category keeps its address, also when posts are saved under its new name; its former name begins another', async () => {
    const { actor: owner } = await setUpOwner()
    const { id, input } = await aPost(owner, { category: 'Tea' })
    const rename = (to: string, seen: string, slug = 'tea') =>
      inTransaction((tx) => renameCategory(tx, owner, slug, to, seen))
    expect(await rename('Infusions', 'Tea')).toEqual({ ok: true, merged: false })
    await inTransaction((tx) => editPost(tx, owner, id, { ...input, category: 'infusions' }))
    expect(await categoriesWithCounts(db())).toEqual([
      { slug: 'tea', title: 'Infusions', posts: 1 },
    ])
    expect(await rename('Else', 'Tea')).toEqual({ ok: false, reason: 'changed' })
    expect(await rename('Else', 'Tea', 'none')).toEqual({ ok: false, reason: 'not_found' })
    await aPost(owner, { title: 'Two', category: 'Tea' })
    expect(await postCategories(db())).toEqual([
      { slug: 'tea', title: 'Infusions', count: 1 },
      { slug: 'tea-2', title: 'Tea', count: 1 },
    ])
    expect(await rename('INFUSIONS', 'Tea', 'tea-2')).toEqual({ ok: true, merged: true })
    expect(await categoriesWithCounts(db())).toEqual([
      { slug: 'tea', title: 'Infusions', posts: 2 },
    ])
    // Its spelling alone is changed, too.
    expect(await rename('INFUSIONS', 'Infusions')).toEqual({ ok: true, merged: false })
    expect(await postCategories(db())).toEqual([{ slug: 'tea', title: 'INFUSIONS', count: 2 }])
  })

  test('a category is taken away, and its posts stay', async () => {
    const { actor: owner } = await setUpOwner()
    const { id } = await aPost(owner, { category: 'Tea' })
    expect(await inTransaction((tx) => removeCategory(tx, owner, 'tea'))).toBe(true)
    expect(await inTransaction((tx) => removeCategory(tx, owner, 'tea'))).toBe(false)
    expect(await categoriesWithCounts(db())).toEqual([])
    expect(await ownerPost(db(), id)).toMatchObject({ state: 'published', category: '' })
    const acts = await db().selectFrom('audit_entry').select('action').execute()
    expect(acts.map(({ action }) => action)).toContain('post.category_removed')
  })

  test('what is deleted can be brought back for 30 days, as a draft; then it is gone', async () => {
    const { actor: owner } = await setUpOwner()
    const { id } = await aPost(owner)
    await inTransaction((tx) => deletePost(tx, owner, id))
    expect((await ownerPosts(db(), list('deleted'))).items).toHaveLength(1)
    expect((await ownerPosts(db(), list(undefined))).items).toHaveLength(0)
    await passTime(29 * day)
    expect(await sweepPosts()).toBe(0)
    await inTransaction((tx) => restorePost(tx, owner, id))
    expect(await ownerPost(db(), id)).toMatchObject({ state: 'draft', deletedAt: undefined })
    await inTransaction((tx) => deletePost(tx, owner, id))
    await passTime(31 * day)
    expect(await sweepPosts()).toBe(1)
    expect(await ownerPost(db(), id)).toBeUndefined()
  })

  test('only what was deleted can be deleted for good', async () => {
    const { actor: owner } = await setUpOwner()
    const { id } = await aPost(owner)
    expect(await inTransaction((tx) => deletePostForGood(tx, owner, id))).toBeUndefined()
    await inTransaction((tx) => deletePost(tx, owner, id))
    expect(await inTransaction((tx) => deletePostForGood(tx, owner, id))).toEqual([])
  })

  test('the owner’s list tells the states apart, finds words and counts all pages', async () => {
    const { actor: owner } = await setUpOwner()
    await aPost(owner, { title: 'First', at: 'draft' })
    await aPost(owner, { title: 'Second', category: 'Cups' })
    const { items, counts, total } = await ownerPosts(db(), list(undefined))
    expect(items.map(({ title, state }) => [title, state])).toEqual([
      ['First', 'draft'],
      ['Second', 'published'],
    ])
    expect([total, counts]).toEqual([2, { draft: 1, scheduled: 0, published: 1, deleted: 0 }])
    const found = await ownerPosts(db(), { ...list('published'), search: 'cup' })
    expect(found.items.map(({ title }) => title)).toEqual(['Second'])
    expect((await ownerPosts(db(), { ...list(undefined), search: '%' })).total).toBe(0)
  })

  test('acts on what is read, and by whom, are on record', async () => {
    const { actor: owner } = await setUpOwner()
    const { id } = await aPost(owner, { access: premium({ anyPlan: true }) })
    await inTransaction((tx) => deletePost(tx, owner, id))
    const rows = await db()
      .selectFrom('audit_entry')
      .select(['action', 'actor_kind'])
      .where('subject_id', '=', id)
      .orderBy('id')
      .execute()
    expect(rows.map(({ action }) => action)).toEqual([
      'post.begun',
      'post.access_changed',
      'post.published',
      'post.deleted',
    ])
    expect(new Set(rows.map((row) => row.actor_kind))).toEqual(new Set(['owner']))
  })
})

const list = (state: 'draft' | 'scheduled' | 'published' | 'deleted' | undefined) => ({
  state,
  search: '',
  limit: 25,
  offset: 0,
})
