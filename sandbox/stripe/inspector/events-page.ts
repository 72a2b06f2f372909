import type { StripeEvent } from '../engine/events.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Html } from '../pages/html.ts'
import type { Frame } from './frame.ts'
import type { Visit } from './visit.ts'
import { html } from '../pages/html.ts'
import { nothingHere } from '../pages/message-page.ts'
import { deliveryRows } from './deliveries-page.ts'
import { jsonView } from './json-view.ts'
import { shortInstant } from './times.ts'

const PAGE = 50

/** What happened, newest first. */
export async function eventsPage(visit: Visit): Promise<HttpAnswer> {
  const reading = await visit.sandbox.reading(visit.account)
  const page = await reading.list('event', {
    limit: PAGE,
    after: visit.query.get('after') ?? undefined,
  })
  const last = page.data.at(-1)
  return visit.frame.page(
    'Events',
    html`${eventRows(visit.frame, page.data)}
    ${
      page.hasMore &&
      last !== undefined &&
      html`<p class="row">
        <a class="button quiet small" href="${visit.frame.url(`/events?after=${last.id}`)}"
          >Older</a
        >
      </p>`
    }`,
  )
}

/** One event, where it went, and what it says. */
export async function eventPage(visit: Visit, path: readonly string[]): Promise<HttpAnswer> {
  const reading = await visit.sandbox.reading(visit.account)
  const event = await reading.get('event', path[0] ?? '')
  if (event === undefined || path.length !== 1) return nothingHere()
  const deliveries = await visit.sandbox.store.deliveries(visit.account, {
    limit: 100,
    event: event.id,
  })
  return visit.frame.page(
    event.type,
    html`<h2>Deliveries</h2>
      ${
        deliveries.length === 0
          ? html`<p class="soft">No endpoint wanted it when it happened.</p>`
          : deliveryRows(visit.frame, deliveries)
      }
      <h2>Event</h2>
      ${jsonView(visit.frame, event)}`,
  )
}

export function eventRows(frame: Frame, events: readonly StripeEvent[]): Html {
  if (events.length === 0) return html`<p class="soft">Nothing has happened yet.</p>`
  return html`<div class="scroll" role="region" aria-label="Events" tabindex="0">
    <table>
      <thead>
        <tr>
          <th>Event</th>
          <th class="wide-only">About</th>
          <th class="num">When</th>
        </tr>
      </thead>
      <tbody>
        ${events.map(
          (event) =>
            html`<tr>
              <td><a href="${frame.url(`/events/${event.id}`)}">${event.type}</a></td>
              <td class="wide-only">
                <code class="soft">${event.data.object.id.slice(0, 18)}…</code>
              </td>
              <td class="num">${shortInstant(event.created * 1000)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
