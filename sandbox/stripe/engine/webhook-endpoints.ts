import type { Deleted } from './objects/deleted.ts'
import type { WebhookEndpoint } from './objects/webhook-endpoint.ts'
import type { Operation } from './operation.ts'
import type { Metadata, Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, noSuchPathObject, notInSandbox } from '../api-error.ts'
import { isServedVersion } from '../api-version.ts'
import { DAY_MS } from '../durations.ts'
import { listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'

/** Stripe's limit of endpoints in one account. */
const MAX_ENDPOINTS = 16

const ROLL_OVERLAP_MS = DAY_MS

export const webhookEndpointOperations: readonly Operation[] = [
  {
    route: 'POST /v1/webhook_endpoints',
    async write(work, params) {
      if (params.has('connect')) throw notInSandbox('Connect', 'connect')
      const version = params.text('api_version') ?? null
      if (version !== null && !isServedVersion(version))
        throw notInSandbox(`API version ${version} of an endpoint`, 'api_version')
      const { endpoint, secret } = await addEndpoint(work, {
        url: endpointUrl(params),
        enabledEvents: params.texts('enabled_events') ?? [],
        description: params.text('description') ?? null,
        metadata: params.metadata(),
        apiVersion: version,
      })
      // The one time the secret is shown.
      return { ...endpoint, secret }
    },
  },
  {
    route: 'GET /v1/webhook_endpoints/{webhook_endpoint}',
    read: (reading, _params, path) => liveEndpoint(reading, pathParam(path, 'webhook_endpoint')),
  },
  {
    route: 'POST /v1/webhook_endpoints/{webhook_endpoint}',
    async write(work, params, path) {
      const before = await liveEndpoint(work, pathParam(path, 'webhook_endpoint'))
      const disabled = params.flag('disabled')
      return changeEndpoint(work, before, {
        description: orKeep(params.settable('description'), before.description),
        enabled_events: params.texts('enabled_events') ?? before.enabled_events,
        metadata: params.metadata(before.metadata),
        status: disabled === undefined ? before.status : disabled ? 'disabled' : 'enabled',
        url: params.has('url') ? endpointUrl(params) : before.url,
      })
    },
  },
  {
    route: 'DELETE /v1/webhook_endpoints/{webhook_endpoint}',
    async write(work, _params, path) {
      const endpoint = await liveEndpoint(work, pathParam(path, 'webhook_endpoint'))
      const gone: Deleted<'webhook_endpoint'> = {
        id: endpoint.id,
        object: 'webhook_endpoint',
        deleted: true,
      }
      work.put('webhook_endpoint', gone, { listed: false })
      setRoute(work, endpoint.id, undefined)
      return gone
    },
  },
  listOperation('/v1/webhook_endpoints', 'webhook_endpoint'),
]

export async function addEndpoint(
  work: Work,
  facts: {
    url: string
    enabledEvents: readonly string[]
    description: string | null
    metadata: Metadata
    apiVersion: string | null
    secret?: string
  },
): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
  const existing = await work.list('webhook_endpoint', { limit: MAX_ENDPOINTS })
  if (existing.data.length >= MAX_ENDPOINTS)
    throw invalidRequest(
      `You have reached the maximum of ${MAX_ENDPOINTS} test webhook endpoints.`,
      { param: 'url' },
    )
  const id = work.id('we')
  const secret = facts.secret ?? work.id('whsec')
  const endpoint = work.put('webhook_endpoint', {
    id,
    object: 'webhook_endpoint',
    api_version: facts.apiVersion,
    application: null,
    created: work.now,
    description: facts.description,
    enabled_events: facts.enabledEvents,
    livemode: false,
    metadata: facts.metadata,
    status: 'enabled',
    url: facts.url,
  })
  work.put('_endpoint', {
    id,
    object: '_endpoint',
    created: work.now,
    secret,
    previous: null,
    failingSinceMs: null,
  })
  setRoute(work, id, endpoint.enabled_events)
  return { endpoint, secret }
}

/** Changes an endpoint and what is sent to it from now on. */
export function changeEndpoint(
  work: Work,
  before: WebhookEndpoint,
  changes: Partial<WebhookEndpoint>,
): WebhookEndpoint {
  const after = work.put('webhook_endpoint', { ...before, ...changes })
  setRoute(work, after.id, after.status === 'enabled' ? after.enabled_events : undefined)
  return after
}

/** A new secret; the old one signs along for a day. */
export async function rollSecret(work: Work, id: string, secret?: string): Promise<string> {
  const record = await work.get('_endpoint', id)
  if (record === undefined) throw noSuchPathObject('webhook_endpoint', id, 'webhook_endpoint')
  const next = secret ?? work.id('whsec')
  if (next === record.secret) return next
  work.put('_endpoint', {
    ...record,
    secret: next,
    previous: { secret: record.secret, untilMs: work.nowMs + ROLL_OVERLAP_MS },
  })
  return next
}

/** The endpoint of a path; a deleted one is gone. */
async function liveEndpoint(reading: Reading, id: string): Promise<WebhookEndpoint> {
  const endpoint = await reading.atPath('webhook_endpoint', id, 'webhook_endpoint')
  if ('deleted' in endpoint) throw noSuchPathObject('webhook_endpoint', id, 'webhook_endpoint')
  return endpoint
}

/** What the endpoint is sent from now on; nothing when undefined. */
function setRoute(
  work: Work,
  endpoint: string,
  enabledEvents: readonly string[] | undefined,
): void {
  const others = work.accountRecord.routes.filter((route) => route.endpoint !== endpoint)
  work.accountRecord = {
    ...work.accountRecord,
    routes: enabledEvents === undefined ? others : [...others, { endpoint, enabledEvents }],
  }
}

function endpointUrl(params: Params): string {
  const given = params.needText('url')
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw invalidRequest('Invalid URL: An explicit scheme (such as https) must be provided.', {
      code: 'url_invalid',
      param: 'url',
    })
  return given
}
