import type { StoredAnswer } from '../engine/stored-answers.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Prefetch, Unit } from '../store/store.ts'
import type { HttpAnswer } from './answer.ts'
import type { Admitted } from './request.ts'
import { ApiError } from '../api-error.ts'
import type { Params } from '../engine/params.ts'
import { ANSWERS_KEPT_MS, assertSameRequest, idempotencyKeyOf } from '../engine/stored-answers.ts'
import { Work } from '../engine/work.ts'
import { BufferedUnit, absorb } from '../store/buffered-unit.ts'
import { commonHeaders, errorAnswer, finished, rendered } from './answers.ts'
import { headerOf } from './request.ts'

/** What a write needs to know of its request. */
export type WriteRequest = {
  params: Params
  /** What to expand in the answer. */
  paths: readonly string[]
  /** The same for the same parameters: what an idempotency key is held against. */
  digest: string
  prefetch: Prefetch
}

type Written = { answer: HttpAnswer; planned: readonly string[] }

/** Runs a write, once for each idempotency key: again it gives the answer it gave. */
export async function write(
  sandbox: Sandbox,
  admitted: Admitted,
  asked: WriteRequest,
): Promise<Written> {
  const { request, account } = admitted
  const key =
    request.method === 'POST'
      ? idempotencyKeyOf(headerOf(request.headers, 'idempotency-key'))
      : undefined
  if (key === undefined) return runWrite(sandbox, admitted, asked, undefined)
  const inUse = `${account} ${key}`
  if (sandbox.keysInUse.has(inUse))
    throw new ApiError(409, {
      type: 'invalid_request_error',
      code: 'idempotency_key_in_use',
      message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
    })
  sandbox.keysInUse.add(inUse)
  try {
    return await runWrite(sandbox, admitted, asked, key)
  } finally {
    sandbox.keysInUse.delete(inUse)
  }
}

function runWrite(
  sandbox: Sandbox,
  admitted: Admitted,
  asked: WriteRequest,
  key: string | undefined,
): Promise<Written> {
  const { request, account } = admitted
  const prefetch =
    key === undefined ? asked.prefetch : [{ kind: '_answer', id: key }, ...asked.prefetch]
  return sandbox.inUnit(account, prefetch, async (unit) => {
    if (key === undefined) return perform(sandbox, admitted, unit, asked)
    const known = await storedAnswer(unit, key)
    if (known !== undefined) {
      const { method, path } = request
      assertSameRequest(known, { key, method, path, params: asked.digest })
      return { answer: replayed(admitted, known, key), planned: [] }
    }
    const { answer, planned } = await perform(sandbox, admitted, unit, asked)
    answer.headers['idempotency-key'] = key
    answer.headers['original-request'] = request.id
    const stored: StoredAnswer = {
      id: key,
      object: '_answer',
      created: Math.floor(unit.nowMs / 1000),
      method: request.method,
      path: request.path,
      params: asked.digest,
      status: answer.status,
      body: answer.body,
      requestId: request.id,
    }
    unit.put('_answer', stored)
    return { answer, planned }
  })
}

/** Runs the operation in a unit of its own, so that a refusal leaves nothing but its answer. */
async function perform(
  sandbox: Sandbox,
  admitted: Admitted,
  unit: Unit,
  { params, paths }: WriteRequest,
): Promise<Written> {
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
