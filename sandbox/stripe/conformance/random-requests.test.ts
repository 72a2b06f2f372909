import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox } from '../index.ts'
import { decodeForm, type FormTree } from '../http/form.ts'
import type { Operation } from '../schema/index.ts'
import { checkEvent, checkResponse, matchPath } from '../schema/index.ts'
import { type Choices, choices } from './choices.ts'
import { encodeForm } from './form.ts'
import { allJourneys } from './journeys/all.ts'
import { controlOf } from './journeys/traveller.ts'
import { type Plausible, randomParams, spoil, variedParams } from './random-params.ts'
import { recordedClient } from './recorder.ts'
import { allEvents, servedOperations } from './run.ts'

const key = 'sk_test_random'
let sandbox: Awaited<ReturnType<typeof startSandbox>>
let served: readonly Operation[]
let plausible: Plausible
/** Requests that were answered before. */
const worked = new Map<Operation, FormTree[]>()

beforeAll(async () => {
  sandbox = await startSandbox({ delivery: 'test', rateLimit: 'off', seed: 5 })
  served = await servedOperations(sandbox.url)
  const { stripe, exchanges } = recordedClient(sandbox.url, key)
  for (const journey of allJourneys) {
    await journey.go({ stripe, control: controlOf(sandbox.url, key) })
  }
  for (const { method, path, form, status } of exchanges) {
    const operation = matchPath(method, path)?.operation
    if (!operation || status >= 400) continue
    worked.set(operation, [...(worked.get(operation) ?? []), decodeForm(form)])
  }
  plausible = withIds(
    { ...words, payment_method: cards },
    exchanges.map(({ body }) => body),
  )
})
afterAll(() => sandbox.close())

const words: Plausible = {
  currency: ['eur', 'usd', 'xyz'],
  country: ['AT', 'DE'],
  email: ['buyer@example.com', 'nonsense'],
  url: ['http://127.0.0.1:9/x', 'nonsense'],
  success_url: ['https://shop.example/x'],
  cancel_url: ['https://shop.example/x'],
  return_url: ['https://shop.example/x'],
  query: ["email:'x'", 'nonsense'],
}
const cards = ['pm_card_visa', 'pm_card_chargeDeclined']

describe('any served operation', () => {
  it('answers whatever the description allows, and never with 5xx', async () => {
    const answered = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (which, seed) => {
        const operation = served[which % served.length]
        if (!operation) throw new Error('Nothing is served')
        const chance = choices(seed)
        const known = worked.get(operation) ?? []
        const params =
          known.length > 0 && chance.chance(0.6)
            ? variedParams(operation, chance.pick(known), chance, plausible)
            : randomParams(operation, chance, plausible)
        const { status, body } = await call(operation, params, chance)
        if (status === 200) {
          answered.add(operation.sdk)
          plausible = withIds(plausible, [body])
        }
        expect(status, JSON.stringify({ params, body })).toBeLessThan(500)
        expect(checkResponse(operation.method, operation.path, status, body)).toEqual([])
      }),
      { seed: 6, numRuns: 1500 },
    )
    // Most were not refused out of hand.
    expect(answered.size).toBeGreaterThan(served.length / 2)
    const events = await allEvents(sandbox.url, key)
    expect(events.flatMap(checkEvent)).toEqual([])
  })

  it('refuses one wrong parameter with 400 and its name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (which, seed) => {
        const operation = served[which % served.length]
        if (!operation) throw new Error('Nothing is served')
        const chance = choices(seed)
        const spoiled = spoil(operation, randomParams(operation, chance, plausible), chance)
        const { status, body } = await call(operation, spoiled.params, chance)
        expect(
          { status, body },
          JSON.stringify({ operation: operation.sdk, spoiled }),
        ).toMatchObject({
          status: 400,
          body: { error: { type: 'invalid_request_error', param: spoiled.param } },
        })
      }),
      { seed: 7, numRuns: 1500 },
    )
  })
})

async function call(
  operation: Operation,
  params: FormTree,
  chance: Choices,
): Promise<{ status: number; body: unknown }> {
  const path = operation.path.replace(/\{\w+\}/g, (_, offset: number) =>
    chance.pick(plausible[objectAt(operation.path.slice(0, offset))] ?? ['none']),
  )
  const form = encodeForm(params)
  const inQuery = operation.method === 'GET'
  const answer = await fetch(sandbox.url + path + (inQuery && form ? `?${form}` : ''), {
    method: operation.method,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    ...(inQuery ? {} : { body: form }),
  })
  return { status: answer.status, body: await answer.json() }
}

/** What a path's next placeholder names: `/v1/checkout/sessions/` leads to a `checkout.session`. */
function objectAt(path: string): string {
  const [last = '', before = ''] = path.split('/').slice(2, -1).reverse()
  const singular = last.replace(/s$/, '')
  return before === '' || before.startsWith('{') ? singular : `${before}.${singular}`
}

/** Older ids are forgotten, for most of them are of things that are done with. */
const idsKept = 12

/** What is plausible, with the ids of everything in these bodies by the object's name. */
function withIds(known: Plausible, bodies: readonly unknown[]): Plausible {
  const found: Record<string, readonly string[]> = { ...known }
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { id, object } = value as { id?: unknown; object?: unknown }
    if (typeof id === 'string' && typeof object === 'string') {
      const others = (found[object] ?? []).filter((other) => other !== id)
      found[object] = [...others, id].slice(-idsKept)
    }
    Object.values(value).forEach(look)
  }
  bodies.forEach(look)
  return found
}
