import type { Answer } from '../engine/operation.ts'
import type { Sandbox } from '../sandbox.ts'
import type { HttpAnswer } from './answer.ts'
import type { Admitted, ApiRequest } from './request.ts'
import { ApiError, docUrl } from '../api-error.ts'
import { API_VERSION } from '../api-version.ts'
import { isDeclined } from '../engine/operation.ts'
import type { Reading } from '../engine/work.ts'
import { expand } from './expand.ts'
import { headerOf } from './request.ts'

type Rendered = { status: number; body: Readonly<Record<string, unknown>> }

export async function rendered(
  reading: Reading,
  result: Answer,
  paths: readonly string[],
): Promise<Rendered> {
  if (isDeclined(result)) return { status: 402, body: { error: result.declined.body } }
  return { status: 200, body: await expand(reading, result, paths) }
}

/** Writes an answer down, checked against Stripe's schema in strict mode. */
export function finished(
  sandbox: Sandbox,
  admitted: Admitted,
  { status, body }: Rendered,
): HttpAnswer {
  const { request, match } = admitted
  const shown = status === 200 ? body : withLinks(sandbox, request, body)
  const faults = sandbox.setup.responseFaults?.(match.method, match.pattern, status, shown) ?? []
  if (faults.length > 0)
    throw new ApiError(500, {
      type: 'api_error',
      message: `The sandbox's answer to ${match.method} ${match.pattern} is not as Stripe describes it: ${faults.join('; ')}`,
    })
  return {
    status,
    headers: commonHeaders(request),
    body: `${JSON.stringify(shown, null, 2)}\n`,
  }
}

export function errorAnswer(sandbox: Sandbox, request: ApiRequest, error: ApiError): HttpAnswer {
  return {
    status: error.status,
    headers: {
      ...commonHeaders(request),
      ...(error.status === 409 || error.status >= 500 ? { 'stripe-should-retry': 'true' } : {}),
      ...(error.status === 400 || error.status === 402 || error.status === 404
        ? { 'stripe-should-retry': 'false' }
        : {}),
      ...error.headers,
    },
    body: `${JSON.stringify(withLinks(sandbox, request, { error: error.body }), null, 2)}\n`,
  }
}

/** The links Stripe puts into errors: what the code means, and where the request is logged. */
function withLinks(
  sandbox: Sandbox,
  request: ApiRequest,
  body: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const error = body['error']
  if (typeof error !== 'object' || error === null) return body
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return {
    error: {
      ...error,
      ...(code === undefined ? {} : { doc_url: docUrl(code) }),
      request_log_url: `${sandbox.settings.publicUrl}/requests/${request.id}`,
    },
  }
}

export function commonHeaders(request: ApiRequest): Record<string, string> {
  return {
    'content-type': 'application/json',
    'request-id': request.id,
    'stripe-version': headerOf(request.headers, 'stripe-version') ?? API_VERSION,
    'cache-control': 'no-cache, no-store',
  }
}
