import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkParams, operations } from '../schema/index.ts'
import { choices } from './choices.ts'
import { randomParams, spoil } from './random-params.ts'

describe('the checker of requests, over all operations', () => {
  const every = fc.constantFrom(...operations.values())

  it('takes whatever the description allows', () => {
    fc.assert(
      fc.property(every, fc.nat(), (operation, seed) => {
        const params = randomParams(operation, choices(seed), {})
        expect(checkParams(operation.method, operation.path, params)).toMatchObject({ ok: true })
      }),
      { seed: 3, numRuns: 3000 },
    )
  })

  it('names the one parameter that is wrong', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(every, fc.nat(), (operation, seed) => {
        const chance = choices(seed)
        const spoiled = spoil(operation, randomParams(operation, chance, {}), chance)
        seen.add(spoiled.what)
        const outcome = checkParams(operation.method, operation.path, spoiled.params)
        expect(outcome).toMatchObject({ ok: false, error: { param: spoiled.param } })
      }),
      { seed: 4, numRuns: 3000 },
    )
    expect([...seen].sort()).toEqual([
      'array',
      'boolean',
      'choice',
      'integer',
      'missing',
      'object',
      'unknown',
    ])
  })
})
