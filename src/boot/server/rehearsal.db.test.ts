import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { actorOf } from '#modules/accounts/server/index.ts'
import { db, listen, runtime } from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../test/database.ts'
import { setUpOwner } from '../../../test/people.ts'
import { advanceRehearsalClock, rehearsalSteps, takeBackMovedTime } from './rehearsal.ts'

/** Stands for the sandbox: moves the shared clock as it does, or is broken. */
let status = 200
const asked: { url: string | undefined; key: string | undefined; body: unknown }[] = []
const sandbox = createServer((request, response) => void answer(request, response)).listen(
  0,
  '127.0.0.1',
)
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  asked.push({
    url: request.url,
    key: request.headers.authorization,
    body: JSON.parse(await text(request)),
  })
  if (status === 200) await passTime(rehearsalSteps['30 days'])
  response.writeHead(status).end('{}')
}
await once(sandbox, 'listening')
// A server that listens on a port has an address of this form.
const { port } = sandbox.address() as AddressInfo

useDatabase({
  runtime: {
    sandbox: { url: `http://127.0.0.1:${port}`, key: 'sk_test_x', webhookSecret: 'whsec_x' },
  },
})
emptyBeforeEach()
afterAll(() => sandbox.close())

const acts = () =>
  db()
    .selectFrom('audit_entry')
    .select('detail')
    .where('action', '=', 'rehearsal.clock_moved')
    .execute()

test('the owner moves the one clock through the sandbox, on record, and stays signed in', async () => {
  status = 200
  asked.length = 0
  const { actor, browser } = await setUpOwner()
  expect(await advanceRehearsalClock(actor, '30 days')).toEqual({ ok: true })
  expect(asked).toEqual([
    { url: '/_sandbox/clock', key: 'Bearer sk_test_x', body: { advance_ms: 30 * 86_400_000 } },
  ])
  expect((await acts()).map((act) => act.detail)).toEqual([{ by: '30 days' }])
  expect((await actorOf(db(), browser))?.kind).toBe('owner')
})

test('a sandbox that does not answer moves nothing, and nothing is on record', async () => {
  status = 500
  const { actor } = await setUpOwner()
  expect(await advanceRehearsalClock(actor, '1 hour')).toEqual({ ok: false, reason: 'unreachable' })
  expect(await acts()).toEqual([])
})

test('with a real key there is no clock to move', async () => {
  const { actor } = await setUpOwner()
  const before = runtime()
  provideRuntime({ ...before, sandbox: undefined })
  expect(await advanceRehearsalClock(actor, '1 day')).toEqual({ ok: false, reason: 'no_rehearsal' })
  provideRuntime(before)
})

test('a shop that rehearsed in moved time sells in real time once real keys are set', async () => {
  const { actor } = await setUpOwner()
  status = 200
  await advanceRehearsalClock(actor, '30 days')
  expect(await takeBackMovedTime()).toBe(false) // still rehearsing
  const before = runtime()
  provideRuntime({
    ...before,
    sandbox: undefined,
    settings: {
      ...before.settings,
      stripe: { mode: 'live', secretKey: 'sk_live_x', webhookSecrets: [] },
    },
  })
  expect(await takeBackMovedTime()).toBe(true)
  const clock = await db().selectFrom('clock').select('offset_ms').executeTakeFirstOrThrow()
  expect(clock.offset_ms).toBe(0)
  expect(await takeBackMovedTime()).toBe(false)
  provideRuntime(before)
})

test('whoever moves the clock, every process hears of it', async () => {
  let heard = 0
  const listening = listen({ clock: () => heard++ }, () => undefined)
  await expect.poll(() => listening.isConnected()).toBe(true)
  // As the sandbox writes it: without a word to anybody.
  await db().updateTable('clock').set({ offset_ms: 5_000 }).execute()
  await expect.poll(() => heard).toBe(1)
  await listening.close()
})
