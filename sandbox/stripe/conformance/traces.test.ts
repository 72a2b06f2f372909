import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { openShop } from '../testing/shop.ts'
import { live, type Trace } from './trace.ts'

const folder = path.join(import.meta.dirname, 'traces')

// The files of the folder are traces: conformance/trace.ts says what they hold.
const traces = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Trace,
)

it('there are traces of everything a subscription can go through', () => {
  expect(traces.length).toBeGreaterThanOrEqual(9)
})

it.each(traces.map((trace) => [trace.name, trace] as const))('%s', async (_name, trace) => {
  const shop = await openShop()
  try {
    const seen = await live(shop, trace)
    expect(trace.moments.map(({ at }, n) => ({ at, ...seen[n] }))).toEqual(
      trace.moments.map(({ at, see }) => ({ at, ...see })),
    )
  } finally {
    await shop.close()
  }
})
