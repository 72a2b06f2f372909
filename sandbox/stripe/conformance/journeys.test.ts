import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSandbox } from '../index.ts'
import { allJourneys } from './journeys/all.ts'
import { type Run, runJourneys } from './run.ts'

let sandbox: Awaited<ReturnType<typeof startSandbox>>
let run: Run

beforeAll(async () => {
  sandbox = await startSandbox({ delivery: 'test', rateLimit: 'off' })
  run = await runJourneys(sandbox.url, allJourneys)
})
afterAll(() => sandbox.close())

it('lets the SDK go every journey to its end', () => {
  expect(run.broken).toEqual([])
})

it('answers as described, and tells and delivers events as described', () => {
  expect(run.coverage.findings).toEqual([])
  expect(run.coverage.responses).toBeGreaterThan(100)
  expect(run.coverage.events).toBeGreaterThan(100)
})

it('invents no values', () => {
  expect([...run.coverage.strangeValues]).toEqual([])
})

it('is asked for every operation it serves', () => {
  const unasked = run.served.filter((operation) => !run.coverage.asked.has(operation))
  expect(unasked.map(({ method, path }) => `${method} ${path}`)).toEqual([])
})
