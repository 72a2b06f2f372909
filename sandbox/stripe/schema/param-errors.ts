import type { Schema } from './schema.ts'

/** What Stripe's error body says of a wrong parameter; always with HTTP status 400. */
export interface ParamError {
  type: 'invalid_request_error'
  code?: string
  param?: string
  message: string
}

export function invalid(path: string, message: string, code?: string): ParamError {
  return {
    type: 'invalid_request_error',
    ...(code === undefined ? {} : { code }),
    ...(path === '' ? {} : { param: path }),
    message,
  }
}

export function missing(path: string): ParamError {
  return invalid(path, `Missing required param: ${path}.`, 'parameter_missing')
}

export function unknownParams(paths: readonly string[]): ParamError {
  const [first = ''] = paths
  const noun = paths.length === 1 ? 'parameter' : 'parameters'
  return invalid(first, `Received unknown ${noun}: ${paths.join(', ')}`, 'parameter_unknown')
}

export function emptyError(path: string): ParamError {
  return invalid(
    path,
    `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however '${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`,
    'parameter_invalid_empty',
  )
}

export function enumError(path: string, values: NonNullable<Schema['enum']>): ParamError {
  // The empty string clears the value; it is no member of the set that is told.
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

/** What somebody sent, short enough to say back. */
export function clip(text: string): string {
  return text.length > 100 ? `${text.slice(0, 97)}...` : text
}
