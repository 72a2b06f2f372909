import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { db } from '#modules/platform/server/index.ts'
import { mayAskForCode, mayTryToSignIn } from './index.ts'

useDatabase()
emptyBeforeEach()

/**
 * Tries more than twice as often as the limit allows. Windows are of real time and one may end meanwhile, so that
 * a limit of n lets between n and 2n through.
 */
async function expectLimit(most: number, act: (number: number) => Promise<{ ok: boolean }>) {
  let passed = 0
  for (let number = 0; number < 2 * most + 5; number++) if ((await act(number)).ok) passed++
  expect(passed).toBeGreaterThanOrEqual(most)
  expect(passed).toBeLessThanOrEqual(2 * most)
}

const network = (number: number) => `203.0.113.${number}`
const address = (number: number) => `person-${number}@example.com`

test('one account is tried at most 10 times in a quarter of an hour from one network, and its owner elsewhere still gets in', async () => {
  await expectLimit(10, () => mayTryToSignIn('anna@example.com', network(1)))
  expect(await mayTryToSignIn('anna@example.com', network(2))).toEqual({ ok: true })
  expect(await mayTryToSignIn('ben@example.com', network(1))).toEqual({ ok: true })
})

test('one account is tried at most 30 times in a quarter of an hour, from however many networks; its codes work still', async () => {
  await expectLimit(30, (number) => mayTryToSignIn('anna@example.com', network(number)))
  expect(await mayTryToSignIn(undefined, network(100))).toEqual({ ok: true })
})

test('one network has at most 8 codes a day sent to an address: it cannot use up all of them', async () => {
  // Each is asked for in an hour of its own.
  await expectLimit(8, async () => {
    await sql`delete from rate_window where key like 'code:address:%' or key like 'code:network:%'`.execute(
      db(),
    )
    return mayAskForCode('anna@example.com', network(1))
  })
  expect(await mayAskForCode('anna@example.com', network(2))).toEqual({ ok: true })
})

test('one network tries at most 50 times in a quarter of an hour, on however many accounts', async () => {
  await expectLimit(50, (number) => mayTryToSignIn(address(number), network(1)))
  expect(await mayTryToSignIn(address(200), network(2))).toEqual({ ok: true })
})

test('tries without a known account count for the network', async () => {
  await expectLimit(50, () => mayTryToSignIn(undefined, network(1)))
})

test('an address is sent at most 5 codes an hour, from however many networks', async () => {
  await expectLimit(5, (number) => mayAskForCode('anna@example.com', network(number)))
  expect(await mayAskForCode('ben@example.com', network(1))).toEqual({ ok: true })
})

test('a network asks for at most 20 codes an hour; an IPv6 household is one network', async () => {
  const household = (number: number) => `2001:db8:1:2::${(number + 1).toString(16)}`
  await expectLimit(20, (number) => mayAskForCode(address(number), household(number)))
})

test('who is refused is told when to come back, and no counter holds an address', async () => {
  const answers = []
  for (let asked = 0; asked < 11; asked++)
    answers.push(await mayAskForCode('anna@example.com', network(1)))
  const refusal = answers.find((answer) => !answer.ok)
  expect(refusal?.ok).toBe(false)
  if (refusal && !refusal.ok) {
    expect(refusal.retryAfterSeconds).toBeGreaterThanOrEqual(1)
    expect(refusal.retryAfterSeconds).toBeLessThanOrEqual(86_400)
  }
  const keys = await db().selectFrom('rate_window').select('key').execute()
  expect(JSON.stringify(keys)).not.toContain('anna')
})
