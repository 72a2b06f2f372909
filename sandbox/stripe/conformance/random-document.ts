import { deref } from '../schema/description.ts'
import { type Schema, typesOf } from '../schema/schema.ts'
import type { Choices } from './choices.ts'

/** A document the schema allows. Objects end at `depth`: what need not be there is left out below. */
export function randomDocument(schema: Schema, choices: Choices, depth: number): unknown {
  const known = deref(schema)
  if (known.anyOf) {
    const shallow = known.anyOf.filter((one) => !isObject(one))
    const alternatives = depth > 0 || shallow.length === 0 ? known.anyOf : shallow
    return randomDocument(choices.pick(alternatives), choices, depth)
  }
  if (known.enum) return choices.pick(known.enum)
  const types = typesOf(known)
  const type = types.includes('null') && (depth <= 0 || choices.chance(0.3)) ? 'null' : types[0]
  switch (type) {
    case 'null':
      return null
    case 'string':
      return known.format === 'decimal'
        ? choices.pick(['0', '12', '0.005', '-3.25'])
        : choices.pick([...(known['x-open-enum'] ?? []), 'text', ''])
    case 'integer':
      return choices.pick([0, 1, 250, -5, 1_700_000_000])
    case 'number':
      return choices.pick([0, 2, 12.5, -0.25])
    case 'boolean':
      return choices.chance(0.5)
    case 'array':
      return Array.from({ length: depth > 0 ? choices.roll(3) : 0 }, () =>
        randomDocument(known.items ?? {}, choices, depth - 1),
      )
    case 'object':
      return randomObject(known, choices, depth)
    case undefined:
      return choices.pick(['anything', 7, null])
  }
}

function randomObject(schema: Schema, choices: Choices, depth: number): Record<string, unknown> {
  const { properties = {}, required = [], additionalProperties } = schema
  const entries = Object.entries(properties)
    .filter(([name]) => required.includes(name) || (depth > 0 && choices.chance(0.2)))
    .map(([name, property]) => [name, randomDocument(property, choices, depth - 1)])
  if (additionalProperties && depth > 0 && choices.chance(0.5)) {
    entries.push(['key', randomDocument(additionalProperties, choices, depth - 1)])
  }
  return Object.fromEntries(entries)
}

function isObject(schema: Schema): boolean {
  return typesOf(deref(schema)).includes('object')
}

/** The document with one thing changed somewhere in it: dropped, added, or of another type. */
export function damaged(document: unknown, choices: Choices): unknown {
  if (typeof document !== 'object' || document === null || choices.chance(0.1)) {
    return choices.pick([null, 'other', 3, 2.5, true, [], {}, { id: 'x', object: 'refund' }])
  }
  if (Array.isArray(document)) {
    if (document.length === 0) return ['other']
    const index = choices.roll(document.length)
    return document.map((member: unknown, at) => (at === index ? damaged(member, choices) : member))
  }
  const entries: [string, unknown][] = Object.entries(document)
  const index = choices.roll(entries.length + 1)
  const chosen = entries[index]
  if (!chosen) return { ...document, invented: 1 }
  if (choices.chance(0.3)) return Object.fromEntries(entries.filter((entry) => entry !== chosen))
  return { ...document, [chosen[0]]: damaged(chosen[1], choices) }
}
