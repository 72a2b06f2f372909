import type { AccountRecord } from '../engine/account-record.ts'
import type { Answer } from '../engine/operation.ts'
import type { HttpAnswer } from './answer.ts'
import type { Match } from './router.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Unit } from '../store/store.ts'
import type { StoredAnswer } from '../engine/stored-answers.ts'
import type { IncomingHttpHeaders } from 'node:http'
import { API_VERSION, isServedVersion } from '../api-version.ts'
import { ApiError, docUrl, invalidRequest } from '../api-error.ts'
import { isDeclined } from '../engine/operation.ts'
import { Params } from '../engine/params.ts'
import {
  ANSWERS_KEPT_MS,
  assertSameRequest,
  digestOf,
  idempotencyKeyOf,
} from '../engine/stored-answers.ts'
import { Reading, Work } from '../engine/work.ts'
import { checkParams } from '../schema/index.ts'
import { absorb, BufferedUnit } from '../store/buffered-unit.ts'
import { LaggingReader } from '../store/lagging-reader.ts'
import { authenticate } from './authenticate.ts'
import { checkExpand, expand } from './expand.ts'
import { decodeForm } from './form.ts'

export type ApiRequest = {
  id: string
  method: string
  path: string
  /** After the `?`, undecoded. */
  query: string
  headers: IncomingHttpHeaders
  body: string
}

/** What is known of a request once it is let in. */
export type Admitted = {
  request: ApiRequest
  account: string
  record: AccountRecord
  match: Match
}

/** Lets a request in: version, key, route. Throws ApiError otherwise. */
export async function admit(sandbox: Sandbox, request: ApiRequest): Promise<Admitted> {
  const { account } = authenticate(request.headers, sandbox.setup.key)
  const version = headerOf(request.headers, 'stripe-version')
  if (version !== undefined && !isServedVersion(version))
    throw invalidRequest(
      `Invalid Stripe API version: ${version}. This sandbox speaks ${API_VERSION}; use an SDK of that version.`,
    )
  if (headerOf(request.headers, 'stripe-account') !== undefined)
    throw invalidRequest('Connect (the Stripe-Account header) is not in this sandbox.')
  const match = sandbox.router.match(request.method, request.path)
  if (match === undefined)
    throw new ApiError(404, {
      type: 'invalid_request_error',
      message: `Unrecognized request URL (${request.method}: ${request.path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
    })
  return { request, account, record: await sandbox.accountRecord(account), match }
}

/** Runs an admitted request and puts its answer together. ApiErrors become answers. */
export async function answer(
  sandbox: Sandbox,
  admitted: Admitted,
): Promise<{
  answer: HttpAnswer
  /** Deliveries this request planned. */
  planned: readonly string[]
}> {
  const { request, match } = admitted
  const raw = decodeForm(
    request.method === 'POST'
      ? joined(request.body, request.query)
      : joined(request.query, request.body),
  )
  const checked = checkParams(match.method, match.pattern, raw)
  if (!checked.ok) throw new ApiError(400, checked.error)
  const params = new Params(checked.params)
  const paths = params.texts('expand') ?? []
  checkExpand(paths, match.method, match.pattern)
  return 'read' in match.operation
    ? { answer: await read(sandbox, admitted, params, paths), planned: [] }
    : write(sandbox, admitted, params, paths, digestOf(canonical(raw)))
}

async function read(
  sandbox: Sandbox,
  admitted: Admitted,
  params: Params,
  paths: readonly string[],
): Promise<HttpAnswer> {
  const { match, account, record } = admitted
  if (!('read' in match.operation)) throw new Error('Not a read')
  const stale = record.chaos.api.stale_reads_ms
  const reader = await sandbox.store.read(account)
  const reading = new Reading(
    stale === 0 ? reader : new LaggingReader(reader, stale),
    sandbox.settings,
  )
  const result = await match.operation.read(reading, params, match.path)
  return finished(sandbox, admitted, await rendered(reading, result, paths))
}

async function write(
  sandbox: Sandbox,
  admitted: Admitted,
  params: Params,
  paths: readonly string[],
  digest: string,
): Promise<{ answer: HttpAnswer; planned: readonly string[] }> {
  const { request, account } = admitted
  const key =
    request.method === 'POST'
      ? idempotencyKeyOf(headerOf(request.headers, 'idempotency-key'))
      : undefined
  if (key === undefined) return runWrite(sandbox, admitted, params, paths, undefined)
  const inUse = `${account} ${key}`
  if (sandbox.keysInUse.has(inUse))
    throw new ApiError(409, {
      type: 'invalid_request_error',
      code: 'idempotency_key_in_use',
      message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
    })
  sandbox.keysInUse.add(inUse)
  try {
    return await runWrite(sandbox, admitted, params, paths, { key, digest })
  } finally {
    sandbox.keysInUse.delete(inUse)
  }
}

function runWrite(
  sandbox: Sandbox,
  admitted: Admitted,
  params: Params,
  paths: readonly string[],
  idempotency: { key: string; digest: string } | undefined,
): Promise<{ answer: HttpAnswer; planned: readonly string[] }> {
  const { request, account } = admitted
  const prefetch = idempotency === undefined ? [] : [{ kind: '_answer', id: idempotency.key }]
  return sandbox.inUnit(account, prefetch, async (unit) => {
    if (idempotency !== undefined) {
      const stored = await storedAnswer(unit, idempotency.key)
      if (stored !== undefined) {
        assertSameRequest(stored, {
          key: idempotency.key,
          method: request.method,
          path: request.path,
          params: idempotency.digest,
        })
        return { answer: replayed(admitted, stored, idempotency.key), planned: [] }
      }
    }
    const { answer, planned } = await perform(sandbox, admitted, unit, params, paths)
    if (idempotency !== undefined) {
      answer.headers['idempotency-key'] = idempotency.key
      answer.headers['original-request'] = request.id
      const stored: StoredAnswer = {
        id: idempotency.key,
        object: '_answer',
        created: Math.floor(unit.nowMs / 1000),
        method: request.method,
        path: request.path,
        params: idempotency.digest,
        status: answer.status,
        body: answer.body,
        requestId: request.id,
      }
      unit.put('_answer', stored)
    }
    return { answer, planned }
  })
}

/** Runs the operation in a unit of its own, so that a refusal leaves nothing but its answer. */
async function perform(
  sandbox: Sandbox,
  admitted: Admitted,
  unit: Unit,
  params: Params,
  paths: readonly string[],
): Promise<{ answer: HttpAnswer; planned: readonly string[] }> {
  const { request, match } = admitted
  if (!('write' in match.operation)) throw new Error('Not a write')
  const inner = new BufferedUnit(unit)
  const work = await Work.begin(inner, sandbox.settings, {
    id: request.id,
    idempotencyKey: headerOf(request.headers, 'idempotency-key') ?? null,
  })
  try {
    const result = await match.operation.write(work, params, match.path)
    const answer = finished(sandbox, admitted, await rendered(work, result, paths))
    absorb(unit, inner)
    return { answer, planned: work.planned }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { answer: errorAnswer(sandbox, request, error), planned: [] }
  }
}

async function storedAnswer(unit: Unit, key: string): Promise<StoredAnswer | undefined> {
  const doc = await unit.get('_answer', key)
  // Only runWrite puts answers.
  const stored = doc as StoredAnswer | undefined
  return stored !== undefined && stored.created * 1000 > unit.nowMs - ANSWERS_KEPT_MS
    ? stored
    : undefined
}

function replayed(admitted: Admitted, stored: StoredAnswer, key: string): HttpAnswer {
  return {
    status: stored.status,
    headers: {
      ...commonHeaders(admitted.request),
      'idempotency-key': key,
      'original-request': stored.requestId,
      'idempotent-replayed': 'true',
    },
    body: stored.body,
  }
}

type Rendered = { status: number; body: Readonly<Record<string, unknown>> }

async function rendered(
  reading: Reading,
  result: Answer,
  paths: readonly string[],
): Promise<Rendered> {
  if (isDeclined(result)) return { status: 402, body: { error: result.declined.body } }
  return { status: 200, body: await expand(reading, result, paths) }
}

/** Writes an answer down, checked against Stripe's schema in strict mode. */
function finished(sandbox: Sandbox, admitted: Admitted, { status, body }: Rendered): HttpAnswer {
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

function commonHeaders(request: ApiRequest): Record<string, string> {
  return {
    'content-type': 'application/json',
    'request-id': request.id,
    'stripe-version': headerOf(request.headers, 'stripe-version') ?? API_VERSION,
    'cache-control': 'no-cache, no-store',
  }
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

function joined(first: string, second: string): string {
  return first === '' || second === '' ? first + second : `${first}&${second}`
}

/** The same text for the same parameters, whatever their order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`
}
