import { expect, test } from 'vitest'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { signUp } from '../../../../test/people.ts'
import { aProduct, sell } from '../../../../test/sales.ts'
import { entitlementEvents, entitlementsOfLines, followMoney, shelfOf } from './index.ts'

useDatabase()
emptyBeforeEach()

const cause = { actor: 'owner', cause: 'test' } as const

test('the shelf holds each product once, newest first, and of two purchases the one that opens it', async () => {
  const { actor } = await signUp('me@example.com')
  const me = { email: 'me@example.com', memberId: actor.memberId }
  const [notes, other] = [await aProduct('Field Notes'), await aProduct('Other')]
  const first = await sell([notes], me)
  await passTime(1_000)
  await sell([other], me)
  await passTime(1_000)
  const again = await sell([notes], me)
  await sell([notes], { email: 'stranger@example.com' })

  const full = await shelfOf(db(), actor.memberId, 'product', {})
  expect(full.rows.map((row) => row.subjectId)).toEqual([notes.id, other.id])
  expect(full.rows[0]?.source.id).toBe(again.lines[0]?.id)

  await inTransaction((tx) =>
    followMoney(
      tx,
      again.lines.map((line) => line.id),
      'refunded',
      cause,
    ),
  )
  const after = await shelfOf(db(), actor.memberId, 'product', {})
  const kept = after.rows.find((row) => row.subjectId === notes.id)
  expect([kept?.state, kept?.source.id]).toEqual(['active', first.lines[0]?.id])

  await inTransaction((tx) =>
    followMoney(
      tx,
      first.lines.map((line) => line.id),
      'refunded',
      cause,
    ),
  )
  const gone = await shelfOf(db(), actor.memberId, 'product', {})
  expect(gone.rows.find((row) => row.subjectId === notes.id)).toMatchObject({
    state: 'revoked',
    reason: 'refunded',
  })
})

test('a shelf of many products is paged without one missing, although one order gave them at one instant', async () => {
  const { actor } = await signUp('me@example.com')
  const products = await Promise.all(Array.from({ length: 30 }, (_, at) => aProduct(`Part ${at}`)))
  await sell(products, { email: 'me@example.com', memberId: actor.memberId })
  const first = await shelfOf(db(), actor.memberId, 'product', {})
  const second = await shelfOf(db(), actor.memberId, 'product', { older: first.older ?? '' })
  expect([first.rows.length, second.rows.length, second.older]).toEqual([24, 6, undefined])
  const all = [...first.rows, ...second.rows].map((row) => row.subjectId)
  expect(new Set(all).size).toBe(30)
})

test('the record of an entitlement tells each change, who made it and why', async () => {
  const order = await sell([await aProduct()], { email: 'ann@example.com' })
  const lines = order.lines.map((line) => line.id)
  await inTransaction((tx) => followMoney(tx, lines, 'refunded', cause))
  const [entitlement] = await entitlementsOfLines(db(), lines)
  const events = await entitlementEvents(db(), [entitlement?.id ?? ''])
  expect(events.map((event) => [event.state, event.reason, event.actor])).toEqual([
    ['active', undefined, 'stripe'],
    ['revoked', 'refunded', 'owner'],
  ])
  expect(await entitlementEvents(db(), [])).toEqual([])
})
