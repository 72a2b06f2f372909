import type { HttpAnswer } from '../http/answer.ts'
import type { Html } from '../pages/html.ts'
import type { Delivery } from '../store/store.ts'
import type { Frame } from './frame.ts'
import type { Visit } from './visit.ts'
import { html } from '../pages/html.ts'
import { httpMark, statusMark } from './status-mark.ts'
import { shortInstant } from './times.ts'

const PAGE = 100

/** Events on their way, newest first; what is kept back can be let go here. */
export async function deliveriesPage(visit: Visit): Promise<HttpAnswer> {
  const { frame } = visit
  const deliveries = await visit.sandbox.store.deliveries(visit.account, { limit: PAGE })
  const { chaos } = await visit.commands.chaos()
  return frame.page(
    'Deliveries',
    deliveries.length === 0
      ? html`<p class="soft">Nothing was delivered yet: no endpoint, or nothing happened.</p>`
      : deliveryRows(frame, deliveries),
    chaos.deliveries.hold
      ? frame.form('release', html`<button class="button small">Release held deliveries</button>`)
      : frame.form('hold', html`<button class="button quiet small">Hold deliveries</button>`),
  )
}

export function deliveryRows(frame: Frame, deliveries: readonly Delivery[]): Html {
  return html`<div class="scroll" role="region" aria-label="Deliveries" tabindex="0">
    <table>
      <thead>
        <tr>
          <th>Event</th>
          <th>State</th>
          <th>Attempts</th>
          <th class="num">Planned</th>
          <th><span class="hidden">Again</span></th>
        </tr>
      </thead>
      <tbody>
        ${deliveries.map((delivery) => row(frame, delivery))}
      </tbody>
    </table>
  </div>`
}

function row(frame: Frame, delivery: Delivery): Html {
  const notes = [
    ...(delivery.cause === 'first' ? [] : [delivery.cause]),
    ...delivery.faults.map((fault) => fault.replaceAll('_', ' ')),
  ]
  return html`<tr>
    <td>
      <a href="${frame.url(`/events/${delivery.event}`)}">${delivery.eventType}</a>
      ${notes.length > 0 && html`<span class="small soft">${notes.join(', ')}</span>`}
    </td>
    <td>
      ${statusMark(delivery.held && delivery.status === 'pending' ? 'held' : delivery.status)}
      ${
        delivery.status === 'pending' &&
        delivery.attempts.length > 0 &&
        html`<span class="small soft">again ${shortInstant(delivery.nextAtMs)}</span>`
      }
    </td>
    <td class="wrap">
      ${delivery.attempts.map(
        (attempt) =>
          html`<span class="attempt" title="${attempt.note}"
            >${httpMark(attempt.status)} ${attempt.durationMs} ms</span
          > `,
      )}
    </td>
    <td class="num">${shortInstant(delivery.createdMs)}</td>
    <td class="num">
      ${frame.form(
        'redeliver',
        html`<input type="hidden" name="id" value="${delivery.id}" /><button
            class="button quiet small"
          >
            Send again
          </button>`,
      )}
    </td>
  </tr>`
}
