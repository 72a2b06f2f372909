import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Sandbox } from '../sandbox.ts'
import type { HttpAnswer } from './answer.ts'
import type { ApiRequest } from './request.ts'
import { createServer, type Server } from 'node:http'
import { performance } from 'node:perf_hooks'
import { ApiError } from '../api-error.ts'
import { apiFault, rateLimited } from '../chaos/api-faults.ts'
import { answerControl } from '../control/control.ts'
import { answerInspector } from '../inspector/inspector.ts'
import { answerPage, isPagePath } from '../pages/pages.ts'
import { admit, answer } from './api.ts'
import { errorAnswer } from './answers.ts'
import { readBody } from './body.ts'
import { shownParams } from './request-params.ts'

/** How long a first delivery is waited for under `timing: 'before_response'`. */
const BEFORE_RESPONSE_MS = 10_000

/** A server with limits on how slowly a request may arrive; it has no handler yet. */
export function newServer(): Server {
  const server = createServer()
  server.keepAliveTimeout = 65_000
  server.headersTimeout = 20_000
  server.requestTimeout = 30_000
  return server
}

/** The sandbox's one door: API, control, hosted pages and inspector. */
export function requestListener(sandbox: Sandbox): RequestListener {
  return (incoming, outgoing) => {
    handle(sandbox, incoming, outgoing).catch((error: unknown) => {
      // Not a refusal but a fault of the sandbox: said to the caller, and to whoever runs it.
      process.stderr.write(
        `${incoming.method} ${incoming.url}: ${error instanceof Error ? error.stack : String(error)}\n`,
      )
      if (outgoing.headersSent) {
        outgoing.destroy()
        return
      }
      send(outgoing, {
        status: 500,
        headers: { 'content-type': 'application/json', 'stripe-should-retry': 'true' },
        body: `${JSON.stringify({ error: { type: 'api_error', message: 'The sandbox failed. Its log says more.' } })}\n`,
      })
    })
  }
}

async function handle(
  sandbox: Sandbox,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const method = incoming.method ?? 'GET'
  const [path, query] = splitUrl(incoming.url ?? '/')
  const body = await readBody(incoming)
  const request: ApiRequest = {
    id: sandbox.requestId(),
    method,
    path,
    query,
    headers: incoming.headers,
    body: body.text,
  }
  if (body.isTooLarge) {
    outgoing.setHeader('connection', 'close')
    send(
      outgoing,
      errorAnswer(
        sandbox,
        request,
        new ApiError(413, {
          type: 'invalid_request_error',
          message: 'The request body is larger than 1 MB.',
        }),
      ),
    )
    return
  }
  if (path.startsWith('/v1/')) return handleApi(sandbox, request, outgoing)
  if (path.startsWith('/_sandbox/')) return send(outgoing, await answerControl(sandbox, request))
  if (isPagePath(path)) return send(outgoing, await answerPage(sandbox, request))
  send(outgoing, await answerInspector(sandbox, request))
}

async function handleApi(
  sandbox: Sandbox,
  request: ApiRequest,
  outgoing: ServerResponse,
): Promise<void> {
  const startedAt = performance.now()
  const atMs = Date.now()
  let account = ''
  let route = ''
  let isCounted = false
  const finish = (result: HttpAnswer, end: () => void): void => {
    end()
    const durationMs = performance.now() - startedAt
    if (account === '') return
    if (isCounted) sandbox.stats(account).end(route, result.status, durationMs)
    sandbox.log({
      id: request.id,
      account,
      atMs,
      method: request.method,
      path: request.path,
      route,
      status: result.status,
      durationMs: Math.round(durationMs * 100) / 100,
      idempotencyKey: result.headers['idempotency-key'] ?? null,
      params: shownParams(request),
      error: result.status >= 400 ? result.body.slice(0, 2_000) : null,
    })
  }
  try {
    const admitted = await admit(sandbox, request)
    account = admitted.account
    route = `${admitted.match.method} ${admitted.match.pattern}`
    sandbox.stats(account).begin(route, atMs)
    isCounted = true
    const fault = apiFault(
      admitted.record,
      sandbox.diceOf(account, admitted.record),
      request,
      (await sandbox.store.read(account)).nowMs,
    )
    if (fault.delayMs > 0) await pause(fault.delayMs)
    if (fault.refuse !== undefined) throw fault.refuse
    if (fault.hangBefore === true) {
      await hang(outgoing, admitted.record.chaos.api.timeout_ms)
      finish({ status: 0, headers: {}, body: '' }, () => outgoing.destroy())
      return
    }
    const limitedBy = sandbox.rateLimit.take(account, route)
    if (limitedBy !== undefined) throw rateLimited(limitedBy)
    const { answer: result, planned } = await answer(sandbox, admitted)
    if (admitted.record.chaos.deliveries.timing === 'before_response')
      await sandbox.dispatcher.deliverNow(account, planned, BEFORE_RESPONSE_MS)
    if (fault.afterwards !== undefined) throw fault.afterwards
    if (fault.hangAfter === true) {
      await hang(outgoing, admitted.record.chaos.api.timeout_ms)
      finish(result, () => outgoing.destroy())
      return
    }
    if (fault.reset === true) {
      finish(result, () => outgoing.socket?.resetAndDestroy())
      return
    }
    finish(result, () => send(outgoing, result))
  } catch (error) {
    if (!(error instanceof ApiError)) {
      finish({ status: 500, headers: {}, body: String(error) }, () => undefined)
      throw error
    }
    const result = errorAnswer(sandbox, request, error)
    finish(result, () => send(outgoing, result))
  }
}

/** Leaves the caller without an answer until it gives up, or for so long. */
async function hang(outgoing: ServerResponse, forMs: number): Promise<void> {
  await Promise.race([
    pause(forMs),
    new Promise<void>((resolve) => outgoing.once('close', () => resolve())),
  ])
}

function send(outgoing: ServerResponse, result: HttpAnswer): void {
  outgoing.writeHead(result.status, {
    ...result.headers,
    'content-length': Buffer.byteLength(result.body),
  })
  outgoing.end(result.body)
}

function splitUrl(url: string): [string, string] {
  const at = url.indexOf('?')
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)]
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
