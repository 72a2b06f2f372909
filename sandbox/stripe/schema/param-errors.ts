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
