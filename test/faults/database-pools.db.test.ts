import { afterEach, expect, test } from 'vitest'
import { databaseTrouble, db, inTransaction } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  fulfilledOnce,
  lineOf,
  makeProduct,
  outcomeOf,
  start,
  untilInboxIsEmpty,
  useMoney,
} from '../money.ts'
import { until } from '../until.ts'

const money = useMoney()
afterEach(async () => expect(await brokenInvariants()).toEqual([]))

test('M07: every connection of the pages is taken: they are put off within seconds, and the money goes on by its own', async () => {
  const product = await makeProduct()
  let letGo = () => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  let holding = 0
  const holders = Array.from({ length: 8 }, () =>
    inTransaction(async () => {
      holding++
      await held
    }),
  )
  await until('all are taken', () => holding === 8)
  const readers = await Promise.allSettled(
    Array.from({ length: 50 }, () => db().selectFrom('product').select('id').execute()),
  )
  for (const reader of readers) {
    expect(reader.status).toBe('rejected')
    if (reader.status === 'rejected') expect(databaseTrouble(reader.reason)).toBe('away')
  }

  const started = await start(lineOf(product))
  if (!started.ok) throw new Error(started.reason)
  const { checkoutId } = started
  const session = /cs_[A-Za-z0-9_]+/.exec(started.url)?.[0] ?? ''
  const answersBefore = money.answers.length
  await money.sandbox.control.pay({ session, email: 'ada@example.com' })
  await until('the event is taken', () => money.answers.slice(answersBefore).includes(200))
  await until('it is worked on', async () => {
    const row = await db('money')
      .selectFrom('checkout')
      .select('state')
      .where('id', '=', checkoutId)
      .executeTakeFirst()
    return row?.state === 'paid'
  })

  letGo()
  await Promise.all(holders)
  await untilInboxIsEmpty()
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
})
