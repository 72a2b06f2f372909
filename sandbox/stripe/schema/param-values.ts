import { type ParamError, clip, emptyError, enumError, invalid } from './param-errors.ts'
import { asText } from './param-tree.ts'
import { type Schema, typesOf } from './schema.ts'

export type Outcome = { ok: true; value: unknown } | { ok: false; error: ParamError }

/** Longer text is refused wherever the reference names no other limit. */
const maxStringLength = 5_000
/** docs.stripe.com/api/metadata */
const metadataLimits = { keys: 50, keyLength: 40, valueLength: 500 }
/** docs.stripe.com/api/pagination */
const pageLimits = { min: 1, max: 100 }

/** Text, number, boolean or one of a set, from the text of a form. */
export function checkScalar(schema: Schema, raw: unknown, path: string): Outcome {
  const text = asText(raw)
  const type = typesOf(schema)[0]
  if (text === undefined) {
    return fail(invalid(path, `Invalid ${type}: ${clip(JSON.stringify(raw))}`))
  }
  if (schema.enum) {
    const found = schema.enum.find((value) => String(value) === text)
    if (found !== undefined) return { ok: true, value: found }
    return fail(text === '' ? emptyError(path) : enumError(path, schema.enum))
  }
  if (text === '') return fail(emptyError(path))
  switch (type) {
    case 'integer':
      return checkInteger(text, path)
    case 'number':
      return isDecimal(text)
        ? { ok: true, value: Number(text) }
        : fail(invalid(path, `Invalid decimal: ${clip(text)}`))
    case 'boolean':
      return text === 'true' || text === 'false'
        ? { ok: true, value: text === 'true' }
        : fail(invalid(path, `Invalid boolean: ${clip(text)}`))
    default:
      return checkText(schema, text, path)
  }
}

/** A value of metadata; the empty string takes the key away. */
export function checkMetadataValue(raw: unknown, key: string, path: string): Outcome {
  const text = asText(raw)
  if (text === undefined)
    return fail(invalid(path, 'Invalid string: metadata values must be strings'))
  const tooLong = (what: string, limit: number, found: string) =>
    `Metadata ${what}s can have up to ${limit} characters, but you passed in a ${what} that is ${[...found].length} characters. Invalid ${what}: ${clip(found)}`
  const { keyLength, valueLength } = metadataLimits
  if ([...key].length > keyLength) return fail(invalid(path, tooLong('key', keyLength, key)))
  if ([...text].length > valueLength)
    return fail(invalid(path, tooLong('value', valueLength, text)))
  return { ok: true, value: text }
}

/** Undefined, or the error for more keys than metadata may have. */
export function tooManyKeys(count: number, path: string): ParamError | undefined {
  if (count <= metadataLimits.keys) return undefined
  return invalid(path, `You can set up to ${metadataLimits.keys} keys, but you passed ${count}.`)
}

/** Undefined, or the error for a page size outside what lists give. */
export function pageSizeError(limit: number): ParamError | undefined {
  const { min, max } = pageLimits
  if (limit >= min && limit <= max) return undefined
  const bound = limit < min ? `greater than or equal to ${min}` : `less than or equal to ${max}`
  return integerError('limit', `This value must be ${bound} (it currently is '${limit}').`)
}

function checkInteger(text: string, path: string): Outcome {
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    return fail(integerError(path, `Invalid integer: ${clip(text)}`))
  }
  // Adding 0 turns the negative zero of "-0" into zero.
  return { ok: true, value: value + 0 }
}

function checkText(schema: Schema, text: string, path: string): Outcome {
  if (schema.format === 'decimal' && !isDecimal(text)) {
    return fail(invalid(path, `Invalid decimal: ${clip(text)}`))
  }
  const longest = schema.maxLength ?? maxStringLength
  if (text.length > longest) {
    return fail(
      invalid(path, `Invalid string: ${clip(text)}; must be at most ${longest} characters`),
    )
  }
  return { ok: true, value: text }
}

function integerError(path: string, message: string): ParamError {
  return invalid(path, message, 'parameter_invalid_integer')
}

function isDecimal(text: string): boolean {
  return /^-?\d{1,20}(\.\d{1,20})?$/.test(text)
}

export function fail(error: ParamError): { ok: false; error: ParamError } {
  return { ok: false, error }
}
