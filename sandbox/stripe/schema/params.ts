import { findOperation } from './operations.ts'
import { type ParamError, emptyError, invalid, missing, unknownParams } from './param-errors.ts'
import { removedParam } from './removed-params.ts'
import { type Schema, typesOf } from './schema.ts'
import { deref } from './description.ts'

export type ParamsOutcome =
  | { ok: true; params: Record<string, unknown> }
  | { ok: false; error: ParamError }

type Outcome = { ok: true; value: unknown } | { ok: false; error: ParamError }

/** A request as deep or as large as no described operation can need. */
const maxDepth = 12
const maxValues = 5_000
/** docs.stripe.com/api: strings are cut off nowhere, they are refused above this length. */
const maxStringLength = 5_000
/** docs.stripe.com/api/metadata */
const metadataLimits = { keys: 50, keyLength: 40, valueLength: 500 }
/** docs.stripe.com/api/pagination */
const pageLimits = { min: 1, max: 100 }

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
    return {
      ok: false,
      error: invalid('', 'The request has too many or too deeply nested parameters.'),
    }
  }
  for (const name of Object.keys(raw)) {
    const removed = removedParam(operation, name)
    if (removed) return { ok: false, error: removed }
  }
  const outcome = checkObject(operation.params, raw, '')
  if (!outcome.ok) return outcome
  const params = Object.fromEntries(outcome.entries)
  const limit = params['limit']
  if (method === 'GET' && typeof limit === 'number') {
    if (limit < pageLimits.min) {
      return integerError('limit', `This value must be greater than or equal to ${pageLimits.min}.`)
    }
    if (limit > pageLimits.max) {
      return integerError(
        'limit',
        `This value must be less than or equal to ${pageLimits.max} (it currently is '${limit}').`,
      )
    }
  }
  return { ok: true, params }
}

function check(schema: Schema, raw: unknown, path: string): Outcome {
  const known = deref(schema)
  if (known.anyOf) return checkAlternatives(known.anyOf, raw, path)
  const [type] = typesOf(known)
  switch (type) {
    case 'object': {
      const members = asRecord(raw)
      if (!members)
        return raw === '' ? fail(emptyError(path)) : fail(invalid(path, 'Invalid object'))
      const outcome = checkObject(known, members, path)
      return outcome.ok ? { ok: true, value: Object.fromEntries(outcome.entries) } : outcome
    }
    case 'array':
      return checkArray(known, raw, path)
    case undefined:
      return { ok: true, value: raw }
    default:
      return checkScalar(known, raw, path)
  }
}

type Entries = { ok: true; entries: [string, unknown][] } | { ok: false; error: ParamError }

function checkObject(schema: Schema, raw: Record<string, unknown>, path: string): Entries {
  const properties = schema.properties ?? {}
  const rest = schema.additionalProperties === false ? undefined : schema.additionalProperties
  const names = Object.keys(raw)
  const unknown = rest ? [] : names.filter((name) => !Object.hasOwn(properties, name))
  if (unknown.length > 0) return fail(unknownParams(unknown.map((name) => at(path, name))))
  const entries: [string, unknown][] = []
  for (const name of names) {
    const property = Object.hasOwn(properties, name) ? properties[name] : rest
    if (!property) throw new Error(`No schema for ${at(path, name)}`)
    const outcome =
      property === rest && rest.type === 'string'
        ? checkMapText(raw[name], at(path, name))
        : check(property, raw[name], at(path, name))
    if (!outcome.ok) return outcome
    entries.push([name, outcome.value])
  }
  if (rest?.type === 'string' && names.length > metadataLimits.keys) {
    return fail(
      invalid(
        path,
        `You can only set up to ${metadataLimits.keys} keys, but you passed ${names.length}.`,
      ),
    )
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(raw, name)) return fail(missing(at(path, name)))
  }
  return { ok: true, entries }
}

/** A value of metadata and other maps of text; the empty string takes the key away. */
function checkMapText(raw: unknown, path: string): Outcome {
  const text = asText(raw)
  if (text === undefined)
    return fail(invalid(path, 'Invalid string: metadata values must be strings'))
  const key = path.slice(path.lastIndexOf('[') + 1, -1)
  const { keyLength, valueLength } = metadataLimits
  if ([...key].length > keyLength) {
    return fail(
      invalid(
        path,
        `Metadata keys can have up to ${keyLength} characters, but you passed in a key that is ${[...key].length} characters. Invalid key: ${key}`,
      ),
    )
  }
  if ([...text].length > valueLength) {
    return fail(
      invalid(
        path,
        `Metadata values can have up to ${valueLength} characters, but you passed in a value that is ${[...text].length} characters. Invalid value: ${text}`,
      ),
    )
  }
  return { ok: true, value: text }
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

function checkScalar(schema: Schema, raw: unknown, path: string): Outcome {
  const text = asText(raw)
  const type = typesOf(schema)[0]
  if (text === undefined) return fail(invalid(path, `Invalid ${type}: ${JSON.stringify(raw)}`))
  if (schema.enum) {
    if (schema.enum.some((value) => String(value) === text)) {
      return { ok: true, value: schema.enum.find((value) => String(value) === text) }
    }
    return fail(text === '' ? emptyError(path) : enumError(path, schema.enum))
  }
  if (text === '') return fail(emptyError(path))
  if (type === 'integer') {
    const value = Number(text)
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
      return integerError(path, `Invalid integer: ${text}`)
    }
    return { ok: true, value: value + 0 }
  }
  if (type === 'number') {
    if (!isDecimal(text)) return fail(invalid(path, `Invalid decimal: ${text}`))
    return { ok: true, value: Number(text) }
  }
  if (type === 'boolean') {
    if (text !== 'true' && text !== 'false') return fail(invalid(path, `Invalid boolean: ${text}`))
    return { ok: true, value: text === 'true' }
  }
  if (schema.format === 'decimal' && !isDecimal(text)) {
    return fail(invalid(path, `Invalid decimal: ${text}`))
  }
  if (text.length > maxStringLength) {
    return fail(
      invalid(
        path,
        `Invalid string: ${text.slice(0, 20)}...; must be at most ${maxStringLength} characters`,
      ),
    )
  }
  return { ok: true, value: text }
}

/** Takes the alternative that fits the form of the value; its complaint is the one reported. */
function checkAlternatives(alternatives: readonly Schema[], raw: unknown, path: string): Outcome {
  const known = alternatives.map(deref)
  const text = asText(raw)
  const fitting = known.filter((schema) => {
    const type = typesOf(schema)[0]
    if (text !== undefined) return type !== 'object' && type !== 'array'
    if (type === 'array') return asMembers(raw) !== undefined
    return type === 'object' && asRecord(raw) !== undefined
  })
  let complaint: Outcome | undefined
  for (const schema of fitting) {
    const outcome = check(schema, raw, path)
    if (outcome.ok) return outcome
    // Of "one of a set, or a number" the number's complaint says more than the set's.
    if (!complaint || schema.enum === undefined) complaint = outcome
  }
  if (text === '') return fail(emptyError(path))
  const wanted = known.map((schema) => typesOf(schema)[0])
  // The empty string alone is no form of a value: say what the value itself must be.
  if (complaint && !(fitting.length === 1 && fitting[0]?.enum?.join() === '')) return complaint
  return fail(
    invalid(
      path,
      `Invalid ${wanted.find((type) => type === 'object' || type === 'array') ?? wanted[0]}`,
    ),
  )
}

function withinLimits(raw: unknown): boolean {
  let values = 0
  const visit = (value: unknown, depth: number): boolean => {
    values += 1
    if (values > maxValues || depth > maxDepth) return false
    if (typeof value !== 'object' || value === null) return true
    return Object.values(value).every((member) => visit(member, depth + 1))
  }
  return visit(raw, 0)
}

function fail(error: ParamError): { ok: false; error: ParamError } {
  return { ok: false, error }
}

function integerError(path: string, message: string): { ok: false; error: ParamError } {
  return fail(invalid(path, message, 'parameter_invalid_integer'))
}

function enumError(path: string, values: Schema['enum'] & {}): ParamError {
  const names = values.filter((value) => value !== '').map(String)
  const last = names.at(-1) ?? ''
  const listed =
    names.length < 2
      ? last
      : names.length === 2
        ? `one of ${names.join(' or ')}`
        : `one of ${names.slice(0, -1).join(', ')}, or ${last}`
  return invalid(path, `Invalid ${path}: must be ${listed}`)
}

function isDecimal(text: string): boolean {
  return /^-?\d{1,20}(\.\d{1,20})?$/.test(text)
}

/** Bracket form of a parameter's place: `line_items[0][quantity]`. */
function at(path: string, name: string): string {
  return path === '' ? name : `${path}[${name}]`
}

/** Form values are text; numbers and booleans from a caller in the same process count as such. */
function asText(raw: unknown): string | undefined {
  if (typeof raw === 'string') return raw
  return typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : undefined
}

function asRecord(raw: unknown): Record<string, unknown> | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined
  // An object that is no array has string keys only; their values are checked one by one.
  return raw as Record<string, unknown>
}

/** Members of an array, or of an object with numeric keys in the order of those. */
function asMembers(raw: unknown): [string, unknown][] | undefined {
  if (Array.isArray(raw)) return raw.map((member, index) => [String(index), member])
  const record = asRecord(raw)
  if (!record) return undefined
  const entries = Object.entries(record)
  if (!entries.every(([key]) => /^\d{1,6}$/.test(key))) return undefined
  return entries.sort(([a], [b]) => Number(a) - Number(b))
}
