import type { HttpAnswer } from '../http/answer.ts'
import type { Html } from '../pages/html.ts'
import type { Visit } from './visit.ts'
import { fields } from '../control/fields.ts'
import { html } from '../pages/html.ts'
import { eventRows } from './events-page.ts'
import { requestRows } from './requests-page.ts'
import { statusMark } from './status-mark.ts'

/** What happened last, where events go, and what this process was asked. */
export async function overviewPage(visit: Visit): Promise<HttpAnswer> {
  const { sandbox, account, commands, frame } = visit
  const reading = await sandbox.reading(account)
  const events = await reading.list('event', { limit: 8 })
  const requests = await commands.requests(fields({ limit: 8 }))
  return frame.page(
    'Overview',
    html`<div class="columns">
        <section>
          <h2>Latest events</h2>
          ${eventRows(frame, events.data)}
        </section>
        <section>
          <h2>Latest requests</h2>
          ${requestRows(frame, requests.data)}
        </section>
      </div>
      <section>
        <h2>Webhook endpoints</h2>
        ${await endpointRows(visit)}
      </section>
      <section>
        <h2>Requests of this process</h2>
        ${await statsRows(visit)}
      </section>`,
  )
}

async function endpointRows({ sandbox, account, frame }: Visit): Promise<Html> {
  const reading = await sandbox.reading(account)
  const page = await reading.list('webhook_endpoint', { limit: 16 })
  if (page.data.length === 0)
    return html`<p class="soft">
      None. Events are kept and can be listed; nothing is delivered until a program adds its
      endpoint.
    </p>`
  const rows: Html[] = []
  for (const endpoint of page.data) {
    if ('deleted' in endpoint) continue
    const latest = await sandbox.store.deliveries(account, { limit: 100, endpoint: endpoint.id })
    const count = (status: string): number =>
      latest.filter((delivery) => delivery.status === status).length
    rows.push(
      html`<tr>
        <td class="wrap">
          <a href="${frame.url(`/objects/webhook_endpoint/${endpoint.id}`)}">${endpoint.url}</a>
        </td>
        <td>${statusMark(endpoint.status)}</td>
        <td class="num">${count('succeeded')}</td>
        <td class="num">${count('pending')}</td>
        <td class="num">${count('failed')}</td>
      </tr>`,
    )
  }
  return html`<div class="scroll" role="region" aria-label="Endpoints" tabindex="0">
    <table>
      <thead>
        <tr>
          <th>Address</th>
          <th>State</th>
          <th class="num">Delivered</th>
          <th class="num">Waiting</th>
          <th class="num">Failed</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p class="note">Of the latest 100 deliveries to each.</p>
  </div>`
}

async function statsRows({ commands }: Visit): Promise<Html> {
  const stats = await commands.stats()
  const routes = Object.entries(stats.endpoints).sort(([, a], [, b]) => b.calls - a.calls)
  if (routes.length === 0) return html`<p class="soft">None yet.</p>`
  return html`<p class="small soft">
      ${stats.requests} requests, at most ${stats.max_concurrent} at once and
      ${stats.max_per_second} in one second; ${stats.rate_limited} rate-limited.
    </p>
    <div class="scroll" role="region" aria-label="Operations" tabindex="0">
      <table>
        <thead>
          <tr>
            <th>Operation</th>
            <th class="num">Calls</th>
            <th class="num">Errors</th>
            <th class="num">Most a second</th>
            <th class="num">Mean ms</th>
          </tr>
        </thead>
        <tbody>
          ${routes.map(
            ([route, counter]) =>
              html`<tr>
                <td><code>${route}</code></td>
                <td class="num">${counter.calls}</td>
                <td class="num">${counter.errors}</td>
                <td class="num">${counter.max_per_second}</td>
                <td class="num">${counter.mean_ms}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}
