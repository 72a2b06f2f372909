import { deref } from './description.ts'
import { type Schema, type TypeName, typesOf } from './schema.ts'

/** More than this many faults in one document say nothing new. */
const maxFaults = 25

/**
 * What is wrong with a document, each fault with its place (`data[0].amount: ...`); [] when valid.
 * Reads the schemas as they are instead of compiling them, so that checking costs no start-up and
 * a union of objects is told apart by its `object` before its members are compared.
 */
export function faults(schema: Schema, value: unknown, place = ''): string[] {
  const found: string[] = []
  walk(schema, value, place, found)
  return found
}

function walk(schema: Schema, value: unknown, place: string, found: string[]): void {
  if (found.length >= maxFaults) return
  const known = deref(schema)
  if (known.anyOf) {
    walkAlternatives(known.anyOf, value, place, found)
    return
  }
  const types = typesOf(known)
  if (types.length > 0 && !types.some((type) => hasType(type, value))) {
    found.push(`${place || 'body'}: ${describe(value)} where ${types.join(' or ')} is expected`)
    return
  }
  // `some` and not `includes`: the value is of unknown type.
  if (known.enum && !known.enum.some((allowed) => allowed === value)) {
    found.push(`${place || 'body'}: ${describe(value)} is none of ${known.enum.join(', ')}`)
    return
  }
  if (known.format === 'decimal' && typeof value === 'string' && !/^-?\d+(\.\d+)?$/.test(value)) {
    found.push(`${place}: ${describe(value)} is no decimal number`)
  }
  if (Array.isArray(value)) {
    const { items } = known
    if (items) value.forEach((item, index) => walk(items, item, `${place}[${index}]`, found))
  } else if (typeof value === 'object' && value !== null) {
    walkObject(known, value, place, found)
  }
}

function walkObject(schema: Schema, value: object, place: string, found: string[]): void {
  const { properties = {}, additionalProperties, required = [] } = schema
  for (const name of required) {
    if (!Object.hasOwn(value, name)) found.push(`${join(place, name)}: missing`)
  }
  for (const [name, member] of Object.entries(value)) {
    // What JSON leaves out is not there.
    if (member === undefined) continue
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property) walk(property, member, join(place, name), found)
    else if (additionalProperties) walk(additionalProperties, member, join(place, name), found)
    else if (additionalProperties === false)
      found.push(`${join(place, name)}: not a property of this object`)
  }
}

function walkAlternatives(
  alternatives: readonly Schema[],
  value: unknown,
  place: string,
  found: string[],
): void {
  const known = alternatives.map(deref)
  const ofType = known.filter((schema) => {
    const types = typesOf(schema)
    return types.length === 0 || types.some((type) => hasType(type, value))
  })
  const named = ofType.filter((schema) => isNamed(schema, value))
  const fitting = named.length > 0 ? named : ofType
  let fewest: string[] | undefined
  for (const schema of fitting) {
    const own = faults(schema, value, place)
    if (own.length === 0) return
    if (!fewest || own.length < fewest.length) fewest = own
  }
  if (fewest) found.push(...fewest)
  else {
    const wanted = new Set(known.flatMap((schema) => typesOf(schema)))
    found.push(
      `${place || 'body'}: ${describe(value)} where ${[...wanted].join(' or ')} is expected`,
    )
  }
}

/** Whether the value calls itself what this schema describes, deletion included. */
function isNamed(schema: Schema, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  const names = schema.properties?.['object']?.enum
  if (!names) return false
  const object: unknown = 'object' in value ? value.object : undefined
  const deleted = 'deleted' in value && value.deleted === true
  const describesDeleted = schema.required?.includes('deleted') ?? false
  return names.some((name) => name === object) && deleted === describesDeleted
}

function hasType(type: TypeName, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function join(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`
}
