import type { Sandbox } from '../sandbox.ts'
import type { HttpAnswer } from './answer.ts'
import type { Admitted, ApiRequest } from './request.ts'
import { ApiError, invalidRequest } from '../api-error.ts'
import { API_VERSION, isServedVersion } from '../api-version.ts'
import { Params } from '../engine/params.ts'
import { digestOf } from '../engine/stored-answers.ts'
import { Reading } from '../engine/work.ts'
import { checkParams } from '../schema/index.ts'
import { LaggingReader } from '../store/lagging-reader.ts'
import { finished, rendered } from './answers.ts'
import { authenticate } from './authenticate.ts'
import { checkExpand } from './expand.ts'
import { decodeForm } from './form.ts'
import { namedIn } from './prefetch.ts'
import { headerOf } from './request.ts'
import { write } from './writes.ts'

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
    : write(sandbox, admitted, {
        params,
        paths,
        digest: digestOf(canonical(raw)),
        prefetch: namedIn(admitted, raw),
      })
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
