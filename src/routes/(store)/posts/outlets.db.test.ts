import { randomUUID } from 'node:crypto'
import { isHttpError, isRedirect } from '@sveltejs/kit'
import { beforeEach, expect, test } from 'vitest'
import { customerFor } from '#modules/accounts/server/index.ts'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { beginPost, deletePost, editPost, publishPost } from '#modules/content/server/index.ts'
import type { PostInput, PostView } from '#modules/content/types.ts'
import { followSubscription } from '#modules/entitlements/server/index.ts'
import { makePlan, switchPlan } from '#modules/memberships/server/index.ts'
import { currentBackend, forgetBackend } from '#modules/payments/server/index.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import { beginSite } from '#modules/site/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import { eventOf } from '../../../../test/routes.ts'
import { aProduct } from '../../../../test/sales.ts'
import { load as loadFront } from '../+page.server.ts'
import { load as loadSearch } from '../search/+page.server.ts'
import { GET as sitemap } from '../sitemap.xml/+server.ts'
import { load as loadIndex } from './+page.server.ts'
import { load as loadPost } from './[slug]/+page.server.ts'
import { postData } from './[slug]/post-data.ts'
import type { WaysIn } from './[slug]/ways-in.server.ts'
import { GET as picture } from './[slug]/picture.png/+server.ts'
import { GET as feed } from './feed.xml/+server.ts'
import { load as loadCategory } from './category/[category]/+page.server.ts'

useDatabase()
emptyBeforeEach()

let owner: OwnerActor
const plan = randomUUID()
/** Stands only behind the teaser's end: in words, in a link, as a heading, as a search word. */
const secret = 'xylograph'
const input: PostInput = {
  title: 'Seven questions',
  slug: 'seven-questions',
  author: '',
  category: 'Clients',
  bodyMd: `Everybody reads **this**.\n\n<!-- more -->\n\n## ${secret}\n\n[${secret}](https://example.com/${secret}) and ${secret}.`,
  access: { kind: 'premium', anyPlan: false, planIds: [plan], productIds: [] },
}

beforeEach(async () => {
  await inTransaction(beginSite)
  owner = (await setUpOwner()).actor
  forgetBackend() // the tables were emptied, and the row it knew with them
})

async function publish(more: Partial<PostInput> = {}): Promise<string> {
  return inTransaction(async (tx) => {
    const post = { ...input, ...more }
    const { id } = await beginPost(tx, owner, { title: post.title })
    await editPost(tx, owner, id, post)
    await publishPost(tx, owner, id)
    return id
  })
}

async function subscribe(member: MemberActor, planId: string, until: Date | undefined) {
  await inTransaction(async (tx) => {
    const customerId = await customerFor(tx, { email: member.email, memberId: member.memberId })
    await followSubscription(
      tx,
      { subscriptionId: randomUUID(), customerId, benefit: 'plan', subjectId: planId },
      { isOpen: true, until },
      { actor: 'stripe', cause: 'test' },
    )
  })
}

type Outlet = (actor: MemberActor | undefined) => Promise<string>
const asked = (path: string, params: Record<string, string>, actor?: MemberActor) =>
  eventOf({ path, params, ...(actor ? { actor } : {}) })
const text = async (answer: unknown) => (answer as Response).text() // of our own endpoints

const slug = input.slug
/** Everything that says anything of a post, as it is asked over HTTP; each page's load is its data payload too. */
const outlets: Readonly<Record<string, Outlet>> = {
  page: async (actor) => JSON.stringify(await loadPost(asked(`/posts/${slug}`, { slug }, actor))),
  'structured data': async (actor) => {
    const data = (await loadPost(asked(`/posts/${slug}`, { slug }, actor))) as { post: PostView }
    return JSON.stringify(postData(data.post, { shop: 'S', owner: 'O', origin: 'https://s' }))
  },
  index: async (actor) => JSON.stringify(await loadIndex(asked('/posts', {}, actor))),
  category: async (actor) =>
    JSON.stringify(
      await loadCategory(asked('/posts/category/clients', { category: 'clients' }, actor)),
    ),
  feed: async (actor) => text(await feed(asked('/posts/feed.xml', {}, actor))),
  sitemap: async (actor) => text(await sitemap(asked('/sitemap.xml', {}, actor))),
  search: async (actor) =>
    JSON.stringify(await loadSearch(asked('/search?q=everybody', {}, actor))),
}

test('[commerce 71] nobody, a member without right, one of a lower plan and one whose right has just ended find nothing of the rest at any outlet', async () => {
  await publish()
  const { actor: plain } = await signUp('plain@example.com')
  const { actor: lower } = await signUp('lower@example.com')
  const { actor: ended } = await signUp('ended@example.com')
  const { actor: payer } = await signUp('payer@example.com')
  await subscribe(lower, randomUUID(), undefined)
  await subscribe(ended, plan, new Date((await now(db())).getTime() + 60_000))
  await subscribe(payer, plan, undefined)
  expect(await outlets.page?.(ended)).toContain(secret)
  await passTime(60_000)
  for (const [name, outlet] of Object.entries(outlets))
    for (const [who, actor] of Object.entries({ nobody: undefined, plain, lower, ended })) {
      const answer = await outlet(actor)
      expect(answer, `${name}, ${who}`).not.toContain(secret)
      // Nor is it empty: each outlet does tell of the post.
      expect(answer, `${name}, ${who}`).toMatch(/[Ss]even[ -]questions/)
    }
  expect(await outlets.page?.(payer)).toContain(secret)
  expect(await outlets.page?.(owner)).toContain(secret)
  // What has no reader in particular is the same for those who may read on.
  for (const name of ['index', 'category', 'feed', 'sitemap', 'search'])
    expect(await outlets[name]?.(payer), name).not.toContain(secret)
})

test('[commerce 71] whoever searches for a word of the rest finds nothing', async () => {
  await publish()
  const found = async (query: string) => loadSearch(asked(`/search?q=${query}`, {}))
  expect(await found(secret)).toMatchObject({ posts: [] })
  expect(await found(secret.slice(0, 5))).toMatchObject({ posts: [] })
  expect(await found('questions')).toMatchObject({ posts: [expect.anything()] })
})

test('search engines are told that a premium post is not free, and which part stands for it', async () => {
  await publish()
  const premium = JSON.parse((await outlets['structured data']?.(undefined)) ?? '') as object
  expect(premium).toMatchObject({
    isAccessibleForFree: false,
    hasPart: { isAccessibleForFree: false, cssSelector: '.post-rest' },
    author: { name: 'O' },
    articleSection: 'Clients',
  })
})

test('the way in names what opens the post and can be bought now', async () => {
  const sold = await aProduct('Brief Sheet', 400)
  const draft = await aProduct('Not yet')
  await db().updateTable('product').set({ state: 'draft' }).where('id', '=', draft.id).execute()
  await publish({
    access: {
      kind: 'premium',
      anyPlan: false,
      planIds: [],
      productIds: [draft.id, sold.id, randomUUID()],
    },
  })
  const page = await loadPost(asked(`/posts/${slug}`, { slug }))
  expect(page).toMatchObject({
    ways: { plans: [], products: [{ title: 'Brief Sheet', price: { minor: 400 } }] },
  })
})

test('the way in names the plans on offer that open the post, and to a member the one they have that does not', async () => {
  const aPlan = (title: string, amountMinor: number, group = 'Membership') =>
    inTransaction(async (tx) => {
      const made = await makePlan(
        tx,
        owner,
        { title, description: '', tier: amountMinor, trialDays: 7, tokenAllotment: 0 },
        { group, amountMinor, currency: 'EUR', interval: { unit: 'month', count: 1 } },
      )
      if (!made.ok) throw new Error(made.reason)
      return made.planId
    })
  const [lower, fitting, closed, elsewhere] = [
    await aPlan('Reader', 10),
    await aPlan('Patron', 20),
    await aPlan('Closed', 30),
    await aPlan('Workshop', 40, 'Workshops'),
  ]
  await inTransaction((tx) => switchPlan(tx, owner, closed, false))
  const planIds = [fitting, closed, elsewhere]
  const postId = await publish({
    access: { kind: 'premium', anyPlan: false, planIds, productIds: [] },
  })
  const ways = async (actor?: MemberActor) =>
    ((await loadPost(asked(`/posts/${slug}`, { slug }, actor))) as { ways: WaysIn }).ways
  expect(await ways()).toMatchObject({
    held: undefined,
    plans: [
      { title: 'Patron', price: '€0.20 a month', trial: '7 days free', changes: undefined },
      { title: 'Workshop' },
    ],
  })
  const { actor: member } = await signUp('lower@example.com')
  const own = await mirrored(member, lower, 'active')
  expect(await ways(member)).toMatchObject({
    held: { title: 'Reader', isShut: false },
    plans: [
      { title: 'Patron', changes: own },
      { title: 'Workshop', changes: undefined },
    ],
  })
  // Open to any plan, of which this one would be one, were it not paused.
  await inTransaction((tx) =>
    editPost(tx, owner, postId, {
      ...input,
      access: { kind: 'premium', anyPlan: true, planIds: [], productIds: [] },
    }),
  )
  expect(await ways(member)).toMatchObject({ held: { title: 'Reader', isShut: true } })
  expect((await ways()).plans.map(({ title }) => title)).toEqual(['Reader', 'Patron', 'Workshop'])
})

/** A subscription as it is mirrored here, without the right to its plan. */
async function mirrored(member: MemberActor, planId: string, status: string): Promise<string> {
  const id = randomUUID()
  const backend = await currentBackend()
  await db()
    .insertInto('subscription')
    .values({
      id,
      backend_id: backend.id,
      stripe_subscription_id: `sub_${randomUUID()}`,
      stripe_customer_id: 'cus_1',
      member_id: member.memberId,
      plan_id: planId,
      plan_group: 'Membership',
      status,
      amount_minor: 10,
      currency: 'EUR',
      interval_unit: 'month',
      interval_count: 1,
      started_at: await now(db()),
      digest: '',
    })
    .execute()
  return id
}

test('the front page leads to the newest three, and to none while there are none', async () => {
  const front = async () =>
    (await loadFront(asked('/', {}))) as { posts: { items: { title: string }[]; total: number } }
  expect((await front()).posts).toEqual({ items: [], total: 0 })
  for (const title of ['One', 'Two', 'Three', 'Four']) {
    await publish({ title, slug: title.toLowerCase() })
    await passTime(1_000)
  }
  const { items, total } = (await front()).posts
  expect(items.map(({ title }) => title)).toEqual(['Four', 'Three', 'Two'])
  expect(total).toBe(4)
  expect(JSON.stringify(items)).not.toContain(secret)
})

test('addresses that are none, moved or of a deleted post are answered so; pages beyond the last are none', async () => {
  const id = await publish({ access: { kind: 'free' } })
  const status = async (work: unknown) => {
    try {
      await work
      return 200
    } catch (thrown) {
      if (isHttpError(thrown)) return thrown.status
      if (isRedirect(thrown)) return `${thrown.status} ${thrown.location}`
      throw thrown
    }
  }
  const post = (at: string) => loadPost(asked(`/posts/${at}`, { slug: at }))
  const drawn = (at: string) => picture(asked(`/posts/${at}/picture.png`, { slug: at }))
  expect(await status(post('nothing'))).toBe(404)
  expect(await status((async () => loadIndex(asked('/posts?page=2', {})))())).toBe(404)
  expect(await status((async () => loadIndex(asked('/posts?page=x', {})))())).toBe(404)
  expect(
    await status((async () => loadCategory(asked('/posts/category/x', { category: 'x' })))()),
  ).toBe(404)
  await inTransaction((tx) =>
    editPost(tx, owner, id, { ...input, access: { kind: 'free' }, slug: 'other' }),
  )
  expect(await status(post(slug))).toBe('301 /posts/other')
  expect(await status(drawn('other'))).toBe(200)
  await inTransaction((tx) => deletePost(tx, owner, id))
  expect(await status(post('other'))).toBe(404)
  expect(await status(post(slug))).toBe(404)
  expect(await status(drawn('other'))).toBe(404)
})
