import { deref } from '../schema/description.ts'
import { type Schema, typesOf } from '../schema/schema.ts'
import type { Dice } from './dice.ts'

/** A document the schema allows. Objects end at `depth`: what need not be there is left out below. */
export function randomDocument(schema: Schema, dice: Dice, depth: number): unknown {
  const known = deref(schema)
  if (known.anyOf) {
    const shallow = known.anyOf.filter((one) => !isObject(one))
    const choices = depth > 0 || shallow.length === 0 ? known.anyOf : shallow
    return randomDocument(dice.pick(choices), dice, depth)
  }
  if (known.enum) return dice.pick(known.enum)
  const types = typesOf(known)
  const type = types.includes('null') && (depth <= 0 || dice.chance(0.3)) ? 'null' : types[0]
  switch (type) {
    case 'null':
      return null
    case 'string':
      return known.format === 'decimal'
        ? dice.pick(['0', '12', '0.005', '-3.25'])
        : dice.pick([...(known['x-open-enum'] ?? []), 'text', ''])
    case 'integer':
      return dice.pick([0, 1, 250, -5, 1_700_000_000])
    case 'number':
      return dice.pick([0, 2, 12.5, -0.25])
    case 'boolean':
      return dice.chance(0.5)
    case 'array':
      return Array.from({ length: depth > 0 ? dice.roll(3) : 0 }, () =>
        randomDocument(known.items ?? {}, dice, depth - 1),
      )
    case 'object':
      return randomObject(known, dice, depth)
    case undefined:
      return dice.pick(['anything', 7, null])
  }
}

function randomObject(schema: Schema, dice: Dice, depth: number): Record<string, unknown> {
  const { properties = {}, required = [], additionalProperties } = schema
  const entries = Object.entries(properties)
    .filter(([name]) => required.includes(name) || (depth > 0 && dice.chance(0.2)))
    .map(([name, property]) => [name, randomDocument(property, dice, depth - 1)])
  if (additionalProperties && depth > 0 && dice.chance(0.5)) {
    entries.push(['key', randomDocument(additionalProperties, dice, depth - 1)])
  }
  return Object.fromEntries(entries)
}

function isObject(schema: Schema): boolean {
  return typesOf(deref(schema)).includes('object')
}

/** The document with one thing changed somewhere in it: dropped, added, or of another type. */
export function damaged(document: unknown, dice: Dice): unknown {
  if (typeof document !== 'object' || document === null || dice.chance(0.1)) {
    return dice.pick([null, 'other', 3, 2.5, true, [], {}, { id: 'x', object: 'refund' }])
  }
  if (Array.isArray(document)) {
    if (document.length === 0) return ['other']
    const index = dice.roll(document.length)
    return document.map((member: unknown, at) => (at === index ? damaged(member, dice) : member))
  }
  const entries: [string, unknown][] = Object.entries(document)
  const index = dice.roll(entries.length + 1)
  const chosen = entries[index]
  if (!chosen) return { ...document, invented: 1 }
  if (dice.chance(0.3)) return Object.fromEntries(entries.filter((entry) => entry !== chosen))
  return { ...document, [chosen[0]]: damaged(chosen[1], dice) }
}
