import type { HttpAnswer } from '../http/answer.ts'
import type { Html } from '../pages/html.ts'
import type { RequestEntry } from '../store/store.ts'
import type { Frame } from './frame.ts'
import type { Visit } from './visit.ts'
import { fields } from '../control/fields.ts'
import { html } from '../pages/html.ts'
import { nothingHere } from '../pages/message-page.ts'
import { httpMark } from './status-mark.ts'
import { instant, shortInstant } from './times.ts'

const PAGE = 100
const SEARCHED = 1_000

/** What programs asked, newest first. */
export async function requestsPage(visit: Visit): Promise<HttpAnswer> {
  const { data } = await visit.commands.requests(fields({ limit: PAGE }))
  return visit.frame.page('Requests', requestRows(visit.frame, data))
}

/** `/requests/{id}`: where an error's request_log_url leads. */
export async function requestPage(visit: Visit, path: readonly string[]): Promise<HttpAnswer> {
  const { data } = await visit.commands.requests(fields({ limit: SEARCHED }))
  const entry = data.find((one) => one.id === path[0])
  if (entry === undefined) return nothingHere()
  return visit.frame.page(
    `${entry.method} ${entry.path}`,
    html`<dl class="facts">
        <div>
          <dt>Answered</dt>
          <dd>${httpMark(entry.status)} in ${entry.durationMs} ms</dd>
        </div>
        <div>
          <dt>At (real time)</dt>
          <dd>${instant(entry.atMs)}</dd>
        </div>
        <div>
          <dt>Request</dt>
          <dd><code>${entry.id}</code></dd>
        </div>
        ${
          entry.idempotencyKey !== null &&
          html`<div>
            <dt>Idempotency key</dt>
            <dd><code>${entry.idempotencyKey}</code></dd>
          </div>`
        }
      </dl>
      ${
        entry.params !== '' &&
        html`<h2>Parameters</h2>
          <pre class="json" tabindex="0">${entry.params.replaceAll('&', '\n')}</pre>`
      }
      ${
        entry.error !== null &&
        html`<h2>Answer</h2>
          <pre class="json" tabindex="0">${entry.error}</pre>`
      }`,
  )
}

export function requestRows(frame: Frame, entries: readonly RequestEntry[]): Html {
  if (entries.length === 0) return html`<p class="soft">Nobody has asked anything yet.</p>`
  return html`<div class="scroll" role="region" aria-label="Requests" tabindex="0">
    <table>
      <thead>
        <tr>
          <th>Request</th>
          <th>Answer</th>
          <th class="num wide-only">ms</th>
          <th class="num">When</th>
        </tr>
      </thead>
      <tbody>
        ${entries.map(
          (entry) =>
            html`<tr>
              <td class="wrap">
                <a href="${frame.url(`/requests/${entry.id}`)}"
                  ><code
                    >${entry.method}
                    ${entry.path.length > 46 ? `${entry.path.slice(0, 44)}…` : entry.path}</code
                  ></a
                >
              </td>
              <td>${httpMark(entry.status)}</td>
              <td class="num wide-only">${Math.round(entry.durationMs)}</td>
              <td class="num">${shortInstant(entry.atMs)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
