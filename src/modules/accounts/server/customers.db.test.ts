import { expect, test } from 'vitest'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { signUp } from '../../../../test/people.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { customerDetail, customerFor, customerIdsOf, customersPage, rename } from './index.ts'

useDatabase()
emptyBeforeEach()

const anna = 'anna@example.com'
type Buyer = Parameters<typeof customerFor>[1]
const customerOf = (buyer: Buyer) => inTransaction((tx) => customerFor(tx, buyer))
const rowOf = (id: string) =>
  db().selectFrom('customer').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

test('a guest is one customer for an address, however often they buy', async () => {
  const first = await customerOf({ email: anna, name: 'Anna B.' })
  expect(await customerOf({ email: anna, name: 'Someone else' })).toBe(first)
  expect(await rowOf(first)).toMatchObject({ member_id: null, name: 'Anna B.' })
  expect(await customerOf({ email: 'ben@example.com' })).not.toBe(first)
})

test('guests that buy at once are one customer', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, () => customerOf({ email: anna })))
  expect(new Set(ids).size).toBe(1)
})

test('a member that buys twice at once is one customer', async () => {
  const { memberId } = (await signUp(anna)).actor
  const ids = await Promise.all(
    Array.from({ length: 6 }, () => customerOf({ memberId, email: anna })),
  )
  expect(new Set(ids).size).toBe(1)
  expect(await customerIdsOf(db(), memberId)).toEqual([ids[0]])
})

test('[commerce 23] the address in the wallet does not matter: the purchase lands in the signed-in account', async () => {
  const { memberId } = (await signUp(anna)).actor
  const ben = (await signUp('ben@example.com')).actor
  const guest = await customerOf({ email: 'wallet@example.com' })
  for (const email of ['wallet@example.com', 'ben@example.com', 'never-seen@example.com']) {
    const id = await customerOf({ memberId, email })
    expect(await rowOf(id)).toMatchObject({ member_id: memberId, email: anna })
  }
  expect(await rowOf(guest)).toMatchObject({ member_id: null })
  expect(await customerIdsOf(db(), ben.memberId)).toEqual([])
})

test('who buys without signing in, with the proven address of a member, buys for that member', async () => {
  const { memberId } = (await signUp(anna)).actor
  const id = await customerOf({ email: anna })
  expect(await rowOf(id)).toMatchObject({ member_id: memberId })
  expect(await customerOf({ memberId, email: anna })).toBe(id)
})

test('a claimed customer stays the one that later purchases land on', async () => {
  const guest = await customerOf({ email: anna })
  const { memberId } = (await signUp(anna)).actor
  expect(await customerOf({ memberId, email: anna })).toBe(guest)
})

test('a purchase for a member that does not exist is a fault, not a guest', async () => {
  const memberId = '00000000-0000-7000-8000-000000000000'
  await expect(customerOf({ memberId, email: anna })).rejects.toThrow('does not exist')
})

test('the owner reads customers page by page, newest first, each once', async () => {
  const made: string[] = []
  for (let number = 0; number < 120; number++) {
    made.push(await customerOf({ email: `buyer-${number}@example.com` }))
    if (number % 40 === 0) await passTime(1)
  }
  const seen: string[] = []
  let cursor: string | undefined
  let pages = 0
  do {
    const page = await customersPage(db(), { cursor })
    seen.push(...page.items.map((item) => item.id))
    cursor = page.nextCursor
    pages++
  } while (cursor && pages < 10)
  expect(pages).toBe(3)
  expect(seen).toHaveLength(120)
  expect(new Set(seen)).toEqual(new Set(made))
  expect(seen).toEqual([...made].reverse())
})

test('customers are found by the beginning of their address or name, whatever is typed', async () => {
  await customerOf({ email: anna, name: 'Änne Bauer' })
  const { actor } = await signUp('ben@example.com')
  await inTransaction((tx) => rename(tx, actor, 'Benedict Kern'))
  await customerOf({ memberId: actor.memberId, email: 'ben@example.com' })
  await customerOf({ email: '100%_sure@example.com' })
  const found = async (search: string) =>
    (await customersPage(db(), { search })).items.map((item) => item.email)
  expect(await found('ANNA@')).toEqual([anna])
  expect(await found(' änne b')).toEqual([anna])
  expect(await found('benedict')).toEqual(['ben@example.com'])
  expect(await found('100%_')).toEqual(['100%_sure@example.com'])
  expect(await found('%')).toEqual([])
  expect(await found('_nna')).toEqual([])
  expect(await found("'; drop table customer; --")).toEqual([])
  expect(await found('\\')).toEqual([])
  expect(await found('')).toHaveLength(3)
})

test.each(['', 'x', '!!!', 'bm90IGpzb24', btoa('[1]'), btoa('["2026","x"]'), 'A'.repeat(5_000)])(
  'a cursor that cannot be read (%j) starts from the top',
  async (cursor) => {
    await customerOf({ email: anna })
    expect((await customersPage(db(), { cursor })).items).toHaveLength(1)
  },
)

test('the detail tells whether a mailbox was proven, and who else is the same member', async () => {
  const guest = await customerOf({ email: anna, name: 'Anna B.' })
  expect(await customerDetail(db(), guest)).toMatchObject({
    id: guest,
    email: anna,
    name: 'Anna B.',
    memberId: undefined,
    claimedAt: undefined,
    member: undefined,
    sameMember: [],
  })
  const { actor } = await signUp(anna)
  const detail = await customerDetail(db(), guest)
  expect(detail?.member).toMatchObject({ id: actor.memberId, email: anna, role: 'member' })
  expect(detail?.claimedAt).toBeInstanceOf(Date)
  expect(await customerDetail(db(), 'no id')).toBeUndefined()
  expect(await customerDetail(db(), '00000000-0000-7000-8000-000000000000')).toBeUndefined()
})
