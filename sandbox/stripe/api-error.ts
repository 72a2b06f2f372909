/** The body of Stripe's `error` object; fields that are not set stay off the wire. */
export type ErrorBody = {
  type: 'invalid_request_error' | 'card_error' | 'api_error' | 'idempotency_error'
  message: string
  code?: string
  decline_code?: string
  advice_code?: string
  network_decline_code?: string
  param?: string
  charge?: string
  doc_url?: string
  request_log_url?: string
  payment_intent?: Readonly<Record<string, unknown>>
  payment_method?: Readonly<Record<string, unknown>>
}

/**
 * A request that Stripe would refuse. Thrown from anywhere inside a unit of work, it unwinds the
 * unit: nothing the request wrote remains. Refusals that must leave a trace (a declined card) are
 * values instead, so that the trace is committed.
 */
export class ApiError extends Error {
  readonly status: number
  readonly body: ErrorBody
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, body: ErrorBody, headers: Readonly<Record<string, string>> = {}) {
    super(body.message)
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** 400 with Stripe's `invalid_request_error`. */
export function invalidRequest(
  message: string,
  detail: { param?: string; code?: string } = {},
): ApiError {
  return new ApiError(400, { type: 'invalid_request_error', message, ...detail })
}

/** The object named in a path does not exist: 404. */
export function noSuchPathObject(object: string, id: string, param: string): ApiError {
  return new ApiError(404, missing(object, id, param))
}

/** The object named in the body does not exist: 400. */
export function noSuchObject(object: string, id: string, param: string): ApiError {
  return new ApiError(400, missing(object, id, param))
}

function missing(object: string, id: string, param: string): ErrorBody {
  return {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${object.replace('.', ' ')}: '${id}'`,
    param,
  }
}

/** A thing real Stripe can do and this sandbox cannot: said in plain words instead of pretended. */
export function notInSandbox(what: string, param?: string): ApiError {
  return new ApiError(400, {
    type: 'invalid_request_error',
    code: 'not_in_this_sandbox',
    message: `${what} is not in this sandbox yet. The request was refused so that nothing is pretended.`,
    ...(param === undefined ? {} : { param }),
  })
}

/** The page of Stripe's documentation for an error code. */
export function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`
}
