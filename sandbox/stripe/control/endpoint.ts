import type { Reading, Work } from '../engine/work.ts'
import type { EndpointRecord, WebhookEndpoint } from '../engine/objects/webhook-endpoint.ts'
import { invalidRequest } from '../api-error.ts'
import { addEndpoint, changeEndpoint, rollSecret } from '../engine/webhook-endpoints.ts'

/**
 * Makes sure a program's endpoint is there and as it says: found by its name (so that a new
 * address replaces the old one), else by its address. Doing it again changes nothing.
 */
export async function upsertEndpoint(
  work: Work,
  wanted: {
    url: string
    secret: string | undefined
    enabledEvents: readonly string[]
    name: string | undefined
  },
): Promise<{ id: string; url: string; secret: string; created: boolean }> {
  if (!URL.canParse(wanted.url) || !/^https?:$/.test(new URL(wanted.url).protocol))
    throw invalidRequest(`${wanted.url} is not a web address.`, { param: 'url' })
  if (wanted.secret !== undefined && wanted.secret.trim() === '')
    throw invalidRequest('A blank secret would let anybody sign.', { param: 'secret' })
  const known = await find(work, wanted)
  if (known === undefined) {
    const { endpoint, secret } = await addEndpoint(work, {
      url: wanted.url,
      enabledEvents: wanted.enabledEvents,
      description: wanted.name ?? null,
      metadata: wanted.name === undefined ? {} : { name: wanted.name },
      apiVersion: null,
      ...(wanted.secret === undefined ? {} : { secret: wanted.secret }),
    })
    return { id: endpoint.id, url: endpoint.url, secret, created: true }
  }
  const isSame =
    known.url === wanted.url &&
    known.status === 'enabled' &&
    known.enabled_events.join(' ') === wanted.enabledEvents.join(' ')
  if (!isSame)
    changeEndpoint(work, known, {
      url: wanted.url,
      enabled_events: wanted.enabledEvents,
      status: 'enabled',
    })
  const record = await work.get('_endpoint', known.id)
  if (record === undefined) throw new Error(`${known.id} has no record`)
  const secret =
    wanted.secret === undefined ? record.secret : await rollSecret(work, known.id, wanted.secret)
  return { id: known.id, url: wanted.url, secret, created: false }
}

async function find(
  work: Work,
  wanted: { url: string; name: string | undefined },
): Promise<WebhookEndpoint | undefined> {
  const page = await work.list('webhook_endpoint', { limit: 100 })
  const live = page.data.filter((one): one is WebhookEndpoint => !('deleted' in one))
  return (
    live.find((one) => wanted.name !== undefined && one.metadata['name'] === wanted.name) ??
    live.find((one) => one.url === wanted.url)
  )
}

/** An endpoint with its secret, to be put back after a reset. */
export type KeptEndpoint = { endpoint: WebhookEndpoint; record: EndpointRecord }

export async function keptEndpoints(reading: Reading): Promise<readonly KeptEndpoint[]> {
  const page = await reading.list('webhook_endpoint', { limit: 100 })
  const kept: KeptEndpoint[] = []
  for (const endpoint of page.data) {
    const record = await reading.get('_endpoint', endpoint.id)
    if (!('deleted' in endpoint) && record !== undefined) kept.push({ endpoint, record })
  }
  return kept
}

export function restoreEndpoint(work: Work, { endpoint, record }: KeptEndpoint): void {
  work.put('_endpoint', record)
  changeEndpoint(work, endpoint, {})
}
