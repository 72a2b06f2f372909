import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { customerFor } from '#modules/accounts/server/index.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { beginPost, editPost, feedKey, publishPost } from '#modules/content/server/index.ts'
import { followSubscription } from '#modules/entitlements/server/index.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import { eventOf, ledTo } from '../../../../test/routes.ts'
import { actions } from '../../(account)/dashboard/feed/+page.server.ts'
import { GET } from './[key]/+server.ts'

useDatabase()
emptyBeforeEach()

const secret = 'xylograph'
const plan = randomUUID()

beforeEach(async () => {
  const { actor: owner } = await setUpOwner()
  await inTransaction(async (tx) => {
    const { id, slug } = await beginPost(tx, owner, { title: 'A post' })
    await editPost(tx, owner, id, {
      title: 'A post',
      slug,
      author: '',
      category: '',
      bodyMd: `Open.\n\n<!-- more -->\n\n${secret}`,
      access: { kind: 'premium', anyPlan: false, planIds: [plan], productIds: [] },
    })
    await publishPost(tx, owner, id)
  })
})

const press = (name: 'make' | 'drop', actor?: MemberActor) =>
  ledTo(actions[name], { path: `/dashboard/feed?/${name}`, form: {}, ...(actor ? { actor } : {}) })

const asked = (key: string) => ({ path: `/feeds/posts/${key}.xml`, params: { key: `${key}.xml` } })
const fetched = async (key: string) => {
  const answer = await GET(eventOf(asked(key)))
  expect(answer.headers.get('cache-control')).toBe('private, no-store')
  return answer.text()
}

async function subscribe(member: MemberActor, until: Date | undefined) {
  await inTransaction(async (tx) => {
    const customerId = await customerFor(tx, { email: member.email, memberId: member.memberId })
    await followSubscription(
      tx,
      { subscriptionId: randomUUID(), customerId, benefit: 'plan', subjectId: plan },
      { isOpen: true, until },
      { actor: 'stripe', cause: 'test' },
    )
  })
}

test('[commerce 71] a member’s own feed has what they may read at this moment, and nothing of the rest afterwards', async () => {
  const { actor } = await signUp('ada@example.com')
  expect(await feedKey(db(), actor)).toBeUndefined()
  expect(await press('make', actor)).toBe('/dashboard/feed?done=made')
  const key = (await feedKey(db(), actor)) ?? ''
  expect(await fetched(key)).not.toContain(secret)
  await subscribe(actor, new Date((await now(db())).getTime() + 60_000))
  expect(await fetched(key)).toContain(secret)
  await passTime(60_000)
  const after = await fetched(key)
  expect(after).toContain('Open.')
  expect(after).not.toContain(secret)
})

test('a new address ends the former one, and so does turning the feed off', async () => {
  const { actor } = await signUp('ada@example.com')
  await press('make', actor)
  const first = (await feedKey(db(), actor)) ?? ''
  await press('make', actor)
  const second = (await feedKey(db(), actor)) ?? ''
  expect(second).not.toBe(first)
  expect(await ledTo(GET, asked(first))).toBe(404)
  expect(await ledTo(GET, asked(second))).toBe(200)
  await press('drop', actor)
  expect(await ledTo(GET, asked(second))).toBe(404)
})

test('an address cannot be guessed: neither a name without its signature nor another’s signature opens anything', async () => {
  const { actor: ada } = await signUp('ada@example.com')
  const { actor: eve } = await signUp('eve@example.com')
  await press('make', ada)
  await press('make', eve)
  const [name] = ((await feedKey(db(), ada)) ?? '').split('.')
  const [, signature] = ((await feedKey(db(), eve)) ?? '').split('.')
  for (const key of [
    name ?? '',
    `${name}.`,
    `${name}.${signature}`,
    `${randomUUID()}.${signature}`,
    'x',
    '',
    'x'.repeat(3_000),
  ])
    expect(await ledTo(GET, asked(key)), key.slice(0, 80)).toBe(404)
})

test('nobody in particular is sent to sign in first', async () => {
  expect(await press('make')).toMatch(/^\/sign-in\?next=/)
})
