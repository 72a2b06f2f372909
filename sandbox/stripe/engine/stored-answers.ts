import { createHash } from 'node:crypto'
import { ApiError, invalidRequest } from '../api-error.ts'
import { DAY_MS } from '../durations.ts'

/** How long an idempotency key is remembered (docs.stripe.com/api/idempotent_requests). */
export const ANSWERS_KEPT_MS = DAY_MS

const MAX_KEY_LENGTH = 255

/** What was answered to a request with an idempotency key, under that key. */
export type StoredAnswer = {
  id: string
  object: '_answer'
  created: number
  method: string
  path: string
  /** Digest of the parameters as sent. */
  params: string
  status: number
  body: string
  requestId: string
}

/** The key of a request, or undefined; ApiError 400 when it is too long. */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined
  if (header.length > MAX_KEY_LENGTH)
    throw invalidRequest(`An idempotency key has at most ${MAX_KEY_LENGTH} characters.`)
  return header
}

export function digestOf(params: string): string {
  return createHash('sha256').update(params).digest('base64url')
}

/**
 * Whether a stored answer is the one to this request. Stripe refuses a key that comes back with
 * another endpoint or other parameters: ApiError 400 `idempotency_error`.
 */
export function assertSameRequest(
  stored: StoredAnswer,
  request: { key: string; method: string; path: string; params: string },
): void {
  const isSamePlace = stored.method === request.method && stored.path === request.path
  if (isSamePlace && stored.params === request.params) return
  throw new ApiError(400, {
    type: 'idempotency_error',
    message: isSamePlace
      ? `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${request.key}' if you meant to execute a different request.`
      : `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${stored.path}'). Try using a key other than '${request.key}' if you meant to execute a different request.`,
  })
}
