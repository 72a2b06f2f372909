import { Ajv } from 'ajv'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { description } from '../schema/description.ts'
import { faults } from '../schema/shape.ts'
import { choices } from './choices.ts'
import { damaged, randomDocument } from './random-document.ts'

/** Our reader of schemas against a JSON Schema validator that knows nothing of it. */
describe('the checker of answers and ajv agree', () => {
  const components = Object.entries(description.components)
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: true })
  const compile = (name: string) => ajv.compile({ $ref: `stripe#/components/${name}` })
  let validators: Map<string, ReturnType<typeof compile>>

  beforeAll(() => {
    ajv.addVocabulary(['components', 'x-open-enum', 'x-expandable', 'x-expands', 'x-includable'])
    ajv.addFormat('decimal', /^-?\d+(\.\d+)?$/)
    ajv.addSchema({ $id: 'stripe', components: description.components })
    validators = new Map(components.map(([name]) => [name, compile(name)]))
  })

  function opinions(name: string, document: unknown): { ours: string[]; ajv: boolean } {
    const validator = validators.get(name)
    const schema = description.components[name]
    if (!validator || !schema) throw new Error(`${name} is not described`)
    return { ours: faults(schema, document), ajv: validator(document) }
  }

  it('that what the schema allows is valid', () => {
    fc.assert(
      fc.property(fc.constantFrom(...components), fc.nat(), ([name, schema], seed) => {
        const document = randomDocument(schema, choices(seed), 3)
        expect(opinions(name, document)).toEqual({ ours: [], ajv: true })
      }),
      { seed: 1, numRuns: 400 },
    )
  })

  it('on documents with one thing changed', () => {
    let refused = 0
    fc.assert(
      fc.property(fc.constantFrom(...components), fc.nat(), ([name, schema], seed) => {
        const chance = choices(seed)
        const document = damaged(randomDocument(schema, chance, 3), chance)
        const { ours, ajv: valid } = opinions(name, document)
        expect({ valid: ours.length === 0, ours }).toMatchObject({ valid })
        if (!valid) refused += 1
      }),
      { seed: 2, numRuns: 1500 },
    )
    expect(refused).toBeGreaterThan(500)
  })
})
