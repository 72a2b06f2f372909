import type { AccountRecord } from '../engine/account-record.ts'
import type { Dice } from './dice.ts'
import { ApiError } from '../api-error.ts'

/** What goes wrong with one request, decided before it is begun. */
export type ApiFault = {
  /** Answered with this instead of being run. */
  refuse?: ApiError
  /** Run, and then answered with this. */
  afterwards?: ApiError
  /** Not run, and not answered: the connection is closed after a while. */
  hangBefore?: boolean
  /** Run, and not answered. */
  hangAfter?: boolean
  /** Run, and the connection cut instead of an answer. */
  reset?: boolean
  /** Wait so long first. */
  delayMs: number
}

/** Throws the dice for a request. At most one fault strikes, besides slowness. */
export function apiFault(
  record: AccountRecord,
  dice: Dice,
  request: { method: string; path: string },
  nowMs: number,
): ApiFault {
  const chaos = record.chaos.api
  if (nowMs < chaos.maintenance_until_ms)
    return {
      delayMs: 0,
      refuse: new ApiError(
        503,
        {
          type: 'api_error',
          message: 'Stripe is down for maintenance (so the sandbox pretends). Try again later.',
        },
        { 'retry-after': `${Math.ceil((chaos.maintenance_until_ms - nowMs) / 1000)}` },
      ),
    }
  const isChosen =
    (chaos.methods.length === 0 || chaos.methods.includes(request.method)) &&
    (chaos.paths.length === 0 || chaos.paths.some((path) => request.path.startsWith(path)))
  if (!isChosen) return { delayMs: 0 }
  const strikes = (fault: string, probability: number): boolean =>
    dice.strikes('api', fault, probability, chaos.times)
  const delayMs = strikes('slow', chaos.slow) ? chaos.slow_ms : 0
  if (strikes('rate_limited', chaos.rate_limited))
    return {
      delayMs,
      refuse: rateLimited('global-rate', { 'retry-after': `${chaos.retry_after_s}` }),
    }
  if (strikes('lock_timeout', chaos.lock_timeout))
    return {
      delayMs,
      refuse: new ApiError(429, {
        type: 'invalid_request_error',
        code: 'lock_timeout',
        message:
          'This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request.',
      }),
    }
  if (strikes('error_before', chaos.error_before)) return { delayMs, refuse: somethingWrong() }
  if (strikes('timeout_before', chaos.timeout_before)) return { delayMs, hangBefore: true }
  if (strikes('error_after', chaos.error_after)) return { delayMs, afterwards: somethingWrong() }
  if (strikes('timeout_after', chaos.timeout_after)) return { delayMs, hangAfter: true }
  if (strikes('reset_after', chaos.reset_after)) return { delayMs, reset: true }
  return { delayMs }
}

/** Stripe's answer to too many requests. */
export function rateLimited(
  reason: 'global-rate' | 'endpoint-rate',
  headers: Readonly<Record<string, string>> = {},
): ApiError {
  return new ApiError(
    429,
    {
      type: 'invalid_request_error',
      code: 'rate_limit',
      message:
        'Request rate limit exceeded. Learn more about rate limits at https://stripe.com/docs/rate-limits.',
    },
    { 'stripe-rate-limited-reason': reason, ...headers },
  )
}

function somethingWrong(): ApiError {
  return new ApiError(500, {
    type: 'api_error',
    message:
      'An unknown error occurred. This is a fault the sandbox was told to make (see /_sandbox/chaos).',
  })
}
