import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import { ApiError, invalidRequest } from '../api-error.ts'
import { authenticate } from '../http/authenticate.ts'
import { Commands } from './commands.ts'
import { fields } from './fields.ts'
import { deliveryOnWire, requestOnWire } from './on-wire.ts'

type Run = (
  commands: Commands,
  body: Readonly<Record<string, unknown>>,
  path: readonly string[],
) => Promise<unknown>

/** The control API: everything Stripe has no API for, and what its Dashboard does by hand. */
const ROUTES: Readonly<Record<string, Run>> = {
  'GET clock': (commands) => commands.clock(),
  'POST clock': (commands, body) => commands.moveClock(fields(body)),
  'GET chaos': (commands) => commands.chaos(),
  'PUT chaos': (commands, body) => commands.setChaos(body),
  'GET billing': (commands) => commands.billing(),
  'PUT billing': (commands, body) => commands.setBilling(fields(body), body),
  'POST reset': (commands, body) => commands.reset(fields(body)),
  'POST snapshot': (commands) => commands.snapshot(),
  'POST restore': (commands, body) => commands.restore(fields(body)),
  'GET deliveries': async (commands, body) => ({
    data: (await commands.deliveries(fields(body))).data.map(deliveryOnWire),
  }),
  'POST deliveries/{id}/redeliver': (commands, _body, path) => commands.redeliver(path[1] ?? ''),
  'POST hold': (commands) => commands.hold(),
  'POST release': (commands) => commands.release(),
  'PUT endpoint': (commands, body) => commands.putEndpoint(fields(body)),
  'POST pay': (commands, body) =>
    body['invoice'] === undefined ? commands.pay(fields(body)) : commands.payInvoice(fields(body)),
  'POST async': (commands, body) => commands.settleAsync(fields(body)),
  'POST trigger': (commands, body) => commands.trigger(fields(body)),
  'POST drift': (commands, body) => commands.drift(body),
  'GET stats': (commands) => commands.stats(),
  'GET requests': async (commands, body) => ({
    data: (await commands.requests(fields(body))).data.map(requestOnWire),
  }),
}

/** Answers a request under /_sandbox. */
export async function answerControl(sandbox: Sandbox, request: ApiRequest): Promise<HttpAnswer> {
  try {
    const { account } = authenticate(request.headers, sandbox.setup.key)
    refuseForeignPages(request)
    const path = request.path
      .slice('/_sandbox/'.length)
      .split('/')
      .filter((step) => step !== '')
    const run = ROUTES[routeOf(request.method, path)]
    if (run === undefined)
      throw new ApiError(404, {
        type: 'invalid_request_error',
        message: `There is no ${request.method} ${request.path}. There are: ${Object.keys(ROUTES)
          .map((route) => route.replace(' ', ' /_sandbox/'))
          .join(', ')}.`,
      })
    const body = request.method === 'GET' ? queryOf(request.query) : jsonOf(request.body)
    return json(200, await run(new Commands(sandbox, account), body, path))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return {
      ...json(error.status, { error: error.body }),
      headers: { ...JSON_HEADERS, ...error.headers },
    }
  }
}

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' }

function routeOf(method: string, path: readonly string[]): string {
  if (path.length === 3 && path[0] === 'deliveries') return `${method} deliveries/{id}/${path[2]}`
  return `${method} ${path.join('/')}`
}

/** A browser that knows the key must not be made to use it by another site. */
function refuseForeignPages(request: ApiRequest): void {
  const site = request.headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site')
    throw new ApiError(403, {
      type: 'invalid_request_error',
      message: 'The control API is not for pages of other sites.',
    })
}

function queryOf(query: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(new URLSearchParams(query))
}

function jsonOf(body: string): Readonly<Record<string, unknown>> {
  if (body.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw invalidRequest('The control API takes JSON bodies; this is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidRequest('The control API takes a JSON object.')
  return Object.fromEntries(Object.entries(value))
}

function json(status: number, value: unknown): HttpAnswer {
  return { status, headers: { ...JSON_HEADERS }, body: `${JSON.stringify(value, null, 2)}\n` }
}
