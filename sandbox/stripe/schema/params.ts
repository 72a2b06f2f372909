import { deref } from './description.ts'
import { findOperation } from './operations.ts'
import { type ParamError, emptyError, invalid, missing, unknownParams } from './param-errors.ts'
import { asMembers, asRecord, asText, at, withinLimits } from './param-tree.ts'
import {
  type Outcome,
  checkMetadataValue,
  checkScalar,
  fail,
  pageSizeError,
  tooManyKeys,
} from './param-values.ts'
import { removedParam } from './removed-params.ts'
import { type Schema, typesOf } from './schema.ts'

export type ParamsOutcome =
  | { ok: true; params: Record<string, unknown> }
  | { ok: false; error: ParamError }

/**
 * Checks the decoded form tree (strings, nested objects, arrays, objects with numeric keys) of a
 * request against what the operation takes, and gives it back with integers and booleans as such.
 * The first thing wrong comes back as Stripe's error body would have it (HTTP 400). `''` is kept
 * where it clears a value. Throws for an operation that is not described.
 */
export function checkParams(
  method: string,
  pathPattern: string,
  raw: Record<string, unknown>,
): ParamsOutcome {
  const operation = findOperation(method, pathPattern)
  if (!operation) throw new Error(`${method} ${pathPattern} is not described`)
  if (!withinLimits(raw)) {
    return fail(invalid('', 'The request has too many or too deeply nested parameters.'))
  }
  for (const name of Object.keys(raw)) {
    const removed = removedParam(operation, name)
    if (removed) return fail(removed)
  }
  const outcome = checkObject(operation.params, raw, '')
  if (!outcome.ok) return outcome
  const limit = outcome.params['limit']
  const wrongSize = method === 'GET' && typeof limit === 'number' ? pageSizeError(limit) : undefined
  return wrongSize ? fail(wrongSize) : outcome
}

function check(schema: Schema, raw: unknown, path: string): Outcome {
  const known = deref(schema)
  if (known.anyOf) return checkAlternatives(known.anyOf, raw, path)
  switch (typesOf(known)[0]) {
    case 'object': {
      const members = asRecord(raw)
      if (!members) return fail(raw === '' ? emptyError(path) : invalid(path, 'Invalid object'))
      const outcome = checkObject(known, members, path)
      return outcome.ok ? { ok: true, value: outcome.params } : outcome
    }
    case 'array':
      return checkArray(known, raw, path)
    case undefined:
      return { ok: true, value: raw }
    default:
      return checkScalar(known, raw, path)
  }
}

function checkObject(schema: Schema, raw: Record<string, unknown>, path: string): ParamsOutcome {
  const { properties = {}, required = [] } = schema
  const rest = schema.additionalProperties === false ? undefined : schema.additionalProperties
  const names = Object.keys(raw)
  const unknown = rest ? [] : names.filter((name) => !Object.hasOwn(properties, name))
  if (unknown.length > 0) return fail(unknownParams(unknown.map((name) => at(path, name))))
  const entries: [string, unknown][] = []
  for (const name of names) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    const outcome = property
      ? check(property, raw[name], at(path, name))
      : checkMapValue(rest, raw[name], name, at(path, name))
    if (!outcome.ok) return outcome
    entries.push([name, outcome.value])
  }
  const tooMany = isMetadata(rest) ? tooManyKeys(names.length, path) : undefined
  if (tooMany) return fail(tooMany)
  for (const name of required) {
    if (!Object.hasOwn(raw, name)) return fail(missing(at(path, name)))
  }
  // fromEntries defines own properties, so that even a key `__proto__` stays data.
  return { ok: true, params: Object.fromEntries(entries) }
}

function checkMapValue(
  schema: Schema | undefined,
  raw: unknown,
  key: string,
  path: string,
): Outcome {
  if (!schema) throw new Error(`No schema for ${path}`)
  return isMetadata(schema) ? checkMetadataValue(raw, key, path) : check(schema, raw, path)
}

/** Maps of plain text are metadata, wherever requests have them. */
function isMetadata(mapValue: Schema | undefined): boolean {
  return mapValue?.type === 'string'
}

function checkArray(schema: Schema, raw: unknown, path: string): Outcome {
  if (raw === '') return fail(emptyError(path))
  const members = asMembers(raw)
  if (!members) return fail(invalid(path, 'Invalid array'))
  if (!schema.items) throw new Error(`Array without items at ${path}`)
  const values: unknown[] = []
  for (const [index, member] of members) {
    const outcome = check(schema.items, member, at(path, index))
    if (!outcome.ok) return outcome
    values.push(outcome.value)
  }
  return { ok: true, value: values }
}

/** Takes the alternative that fits the form of the value; its complaint is the one reported. */
function checkAlternatives(alternatives: readonly Schema[], raw: unknown, path: string): Outcome {
  const known = alternatives.map(deref)
  const fitting = known.filter((schema) => fitsForm(schema, raw))
  let complaint: Outcome | undefined
  for (const schema of fitting) {
    const outcome = check(schema, raw, path)
    if (outcome.ok) return outcome
    // Of "one of a set, or a number" the number's complaint says more than the set's.
    if (!isOnlyEmpty(schema) && (!complaint || !schema.enum)) complaint = outcome
  }
  if (raw === '') return fail(emptyError(path))
  if (complaint) return complaint
  const wanted = known.filter((schema) => !isOnlyEmpty(schema)).map((schema) => typesOf(schema)[0])
  return fail(invalid(path, `Invalid ${wanted.join(' or ')}`))
}

function fitsForm(schema: Schema, raw: unknown): boolean {
  switch (typesOf(schema)[0]) {
    case 'array':
      return asMembers(raw) !== undefined
    case 'object':
      return asRecord(raw) !== undefined
    default:
      return asText(raw) !== undefined
  }
}

/** The alternative that only lets a value be cleared. */
function isOnlyEmpty(schema: Schema): boolean {
  return schema.enum?.length === 1 && schema.enum[0] === ''
}
