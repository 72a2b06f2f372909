import type { Kind } from '../engine/kinds.ts'
import type { Html } from '../pages/html.ts'
import type { Frame } from './frame.ts'
import { kindOfId } from '../engine/id-kinds.ts'
import { html } from '../pages/html.ts'

/** An object as JSON, its ids leading to the objects they name. */
export function jsonView(frame: Frame, value: unknown): Html {
  const text = JSON.stringify(value, null, 2)
  const parts = text.split(/("(?:[a-z]+)_(?:test_)?[A-Za-z0-9]{10,}")/)
  return html`<pre class="json" tabindex="0">${parts.map((part) => idLink(frame, part))}</pre>`
}

function idLink(frame: Frame, part: string): Html | string {
  const id = /^"(\w+)"$/.exec(part)?.[1]
  const kind = id === undefined ? undefined : kindOfId(id)
  return id === undefined || kind === undefined
    ? part
    : html`"<a href="${frame.url(objectPath(kind, id))}">${id}</a>"`
}

export function objectPath(kind: Kind, id: string): string {
  return kind === 'event' ? `/events/${id}` : `/objects/${kind}/${encodeURIComponent(id)}`
}
