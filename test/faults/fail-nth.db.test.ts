import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forgetBackend } from '#modules/payments/server/index.ts'
import { closeTransport } from '#modules/notifications/server/index.ts'
import { runtime } from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import { brokenInvariants, makeProduct, stripeItself, useMoney } from '../money.ts'
import { newBrowser, setUpOwner } from '../people.ts'
import {
  Act,
  faultKinds,
  stopWatching,
  watchOutsideCalls,
  type FaultKind,
  type OutsideCall,
} from './outside-calls.ts'
import { checkout, refund, webhook, type Path, type Stage } from './paths.ts'
import { SmtpSink } from './smtp-sink.ts'

// Here a sample. Every call, in every way: npm run fail-nth.
const isWhole = process.env.SUNDRY_FAIL_NTH === 'all'
const sampleEvery = 23

const money = useMoney({ worker: false, mailWorker: false, stripeCallsPerSecond: 39 })
const sink = new SmtpSink()
const stage: { -readonly [Key in keyof Stage]: Stage[Key] } = {
  money,
  sink,
  product: undefined as never, // set below, before any test runs
  owner: newBrowser(),
}

beforeAll(async () => {
  await sink.open()
  await money.closeWebhook()
  // Events are brought by the test, one by one.
  for (const endpoint of (await stripeItself().webhookEndpoints.list()).data)
    await stripeItself().webhookEndpoints.del(endpoint.id)
  provideRuntime({
    ...runtime(),
    settings: { ...runtime().settings, smtpUrl: sink.url, mailFrom: 'shop@example.com' },
  })
  stage.product = await makeProduct()
  await setUpOwner('owner@example.com', stage.owner)
  await watchOutsideCalls()
}, 120_000)
afterAll(async () => {
  stopWatching()
  closeTransport()
  await sink.close()
})

/** Which call fails, and how: of a whole run all, else a sample that moves on by one from path to path. */
function* faults(calls: number, start: number): Generator<{ nth: number; kind: FaultKind }> {
  if (isWhole) {
    for (const kind of faultKinds) for (let nth = 1; nth <= calls; nth++) yield { nth, kind }
    return
  }
  for (let at = start; at < calls * faultKinds.length; at += sampleEvery)
    yield { nth: (at % calls) + 1, kind: faultKinds[Math.floor(at / calls)] ?? 'error' }
}

/** What is broken once is often broken from then on. */
const enough = 8

async function goOnce(path: Path, act: Act): Promise<string[]> {
  forgetBackend()
  return [...(await path.go(stage, act)), ...(await brokenInvariants())]
}

const figures = new Map<string, number>()
const count = (what: string) => figures.set(what, (figures.get(what) ?? 0) + 1)
const partsOf = (calls: readonly OutsideCall[]) => {
  const counts: Record<string, number> = {}
  for (const { part } of calls) counts[part] = (counts[part] ?? 0) + 1
  return counts
}

describe('the n-th outside call fails, and everything comes right by itself', () => {
  test.each([checkout, webhook, refund].map((path, at) => [path.name, path, at] as const))(
    '%s: nothing charged and words, or paid once and goods once; a repeat of the same form works (M04, M13)',
    async (name, path, at) => {
      // Once for what is asked only once a process, once to count.
      expect(await goOnce(path, new Act())).toEqual([])
      const calm = new Act()
      expect(await goOnce(path, calm)).toEqual([])
      const parts = partsOf(calm.calls)
      expect(parts.database).toBeGreaterThan(10)
      expect(parts.stripe).toBeGreaterThan(0)
      // A way of the money that begins to write files has to fail in the middle of them too.
      expect(parts.file).toBeUndefined()
      process.stdout.write(`${name}: ${calm.calls.length} outside calls ${JSON.stringify(parts)}\n`)

      const broken: string[] = []
      for (const fault of faults(calm.calls.length, at)) {
        const act = new Act(fault)
        const problems = await goOnce(path, act)
        const what = act.struck ? `${act.struck.part}: ${act.struck.words}` : 'was not reached'
        count(`${name}, ${fault.kind}${act.struck ? '' : ', not reached'}`)
        if (problems.length > 0)
          broken.push(`${fault.kind} at call ${fault.nth} (${what}): ${problems.join('; ')}`)
        if (broken.length >= enough) break
      }
      expect(broken).toEqual([])
      for (const [words, runs] of figures)
        if (words.startsWith(name)) process.stdout.write(`  ${words}: ${runs} runs\n`)
    },
    isWhole ? 3_600_000 : 180_000,
  )
})
