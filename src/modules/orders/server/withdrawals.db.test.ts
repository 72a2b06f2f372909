import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { setUpOwner } from '../../../../test/people.ts'
import { aProduct, sell } from '../../../../test/sales.ts'
import {
  decideWithdrawal,
  openWithdrawalOf,
  receiveWithdrawal,
  withdrawalById,
  withdrawalsPage,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const declare = (order: string, email = 'ada@example.com', id = newId()) =>
  inTransaction((tx) =>
    receiveWithdrawal(tx, { id, email, name: 'Ada Winter', order, words: '' }, '192.0.2.0/24'),
  )
const mails = async () =>
  (
    await db()
      .selectFrom('email_message')
      .select(['template', 'to_address'])
      .where('template', 'like', '%withdrawal%')
      .orderBy('template')
      .execute()
  ).map((mail) => [mail.template, mail.to_address])

test('a declaration is kept with its instant and mailed to both; it finds its order by number and address together [commerce 45]', async () => {
  const { actor } = await setUpOwner()
  const order = await sell([await aProduct()], { email: 'ada@example.com' })
  const received = await declare(`#${order.number}`)
  expect(received.orderId).toBe(order.id)
  expect(await mails()).toEqual([
    ['owner_withdrawal', actor.email],
    ['withdrawal_received', 'ada@example.com'],
  ])
  expect((await openWithdrawalOf(db(), order.id))?.id).toBe(received.id)
  // Somebody else's number leads nowhere, and is answered in the same way.
  expect((await declare(String(order.number), 'eve@example.com')).orderId).toBeUndefined()
  expect((await declare('')).orderId).toBeUndefined()
  expect((await withdrawalsPage(db(), {})).rows).toHaveLength(3)
})

test('pressed twice, even at once, it is one declaration; somebody else’s number takes nothing from anybody [commerce 45]', async () => {
  const id = newId()
  const both = await Promise.all([
    declare('7', 'ada@example.com', id),
    declare('7', 'ada@example.com', id),
  ])
  expect(both[1]).toEqual(both[0])
  expect((await declare('7', 'ada@example.com', id)).id).toBe(id)
  expect((await declare('', 'eve@example.com', id)).id).not.toBe(id)
  expect((await withdrawalsPage(db(), {})).rows).toHaveLength(2)
  expect(await mails()).toEqual([
    ['withdrawal_received', 'ada@example.com'],
    ['withdrawal_received', 'eve@example.com'],
  ])
})

test('it is decided once, the consumer is told, and what was declared never changes', async () => {
  const { actor } = await setUpOwner()
  const { id } = await declare('')
  const decide = (state: 'accepted' | 'declined') =>
    inTransaction((tx) => decideWithdrawal(tx, actor, id, { state, decision: 'As asked.' }))
  expect(await Promise.all([decide('accepted'), decide('declined')])).toContain(false)
  expect((await withdrawalById(db(), id))?.state).not.toBe('received')
  expect((await mails()).filter(([template]) => template === 'withdrawal_decided')).toHaveLength(1)
  await expect(sql`update withdrawal set words = 'other'`.execute(db())).rejects.toThrow(
    'kept as it was made',
  )
  await expect(sql`delete from withdrawal`.execute(db())).rejects.toThrow('kept as it was made')
})
