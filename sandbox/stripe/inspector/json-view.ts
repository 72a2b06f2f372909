import type { Kind } from '../engine/kinds.ts'
import type { Html } from '../pages/html.ts'
import type { Frame } from './frame.ts'
import { html } from '../pages/html.ts'

/** Which kind of object an id names, by its prefix. */
const KIND_OF_PREFIX: Readonly<Record<string, Kind>> = {
  ch: 'charge',
  cs: 'checkout.session',
  cus: 'customer',
  du: 'dispute',
  evt: 'event',
  pi: 'payment_intent',
  pm: 'payment_method',
  price: 'price',
  prod: 'product',
  re: 'refund',
  txn: 'balance_transaction',
  we: 'webhook_endpoint',
}

/** An object as JSON, its ids leading to the objects they name. */
export function jsonView(frame: Frame, value: unknown): Html {
  const text = JSON.stringify(value, null, 2)
  const parts = text.split(/("(?:[a-z]+)_(?:test_)?[A-Za-z0-9]{10,}")/)
  return html`<pre class="json" tabindex="0">${parts.map((part) => idLink(frame, part))}</pre>`
}

function idLink(frame: Frame, part: string): Html | string {
  const id = /^"([a-z]+)_((?:test_)?[A-Za-z0-9]+)"$/.exec(part)
  const kind = id?.[1] === undefined ? undefined : KIND_OF_PREFIX[id[1]]
  if (id === null || kind === undefined) return part
  const name = `${id[1]}_${id[2]}`
  return html`"<a href="${frame.url(objectPath(kind, name))}">${name}</a>"`
}

export function objectPath(kind: Kind, id: string): string {
  return kind === 'event' ? `/events/${id}` : `/objects/${kind}/${encodeURIComponent(id)}`
}
