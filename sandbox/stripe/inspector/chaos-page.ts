import type { HttpAnswer } from '../http/answer.ts'
import type { Html } from '../pages/html.ts'
import type { Visit } from './visit.ts'
import { CALM } from '../chaos/chaos.ts'
import { html } from '../pages/html.ts'

/** Words for the fields people reach for; the others are in the JSON below them. */
const WORDS: readonly { part: 'deliveries' | 'api'; field: string; label: string }[] = [
  { part: 'deliveries', field: 'duplicate', label: 'Delivered twice' },
  { part: 'deliveries', field: 'late_duplicate', label: 'Delivered again an hour later' },
  { part: 'deliveries', field: 'drop', label: 'Never delivered' },
  { part: 'deliveries', field: 'bad_signature', label: 'With a wrong signature' },
  { part: 'deliveries', field: 'truncate_body', label: 'With half a body' },
  { part: 'deliveries', field: 'stale_timestamp', label: 'With an old timestamp' },
  { part: 'api', field: 'rate_limited', label: 'Answered 429' },
  { part: 'api', field: 'error_before', label: 'Answered 500, not done' },
  { part: 'api', field: 'error_after', label: 'Answered 500, but done' },
  { part: 'api', field: 'timeout_after', label: 'Done, never answered' },
  { part: 'api', field: 'reset_after', label: 'Done, connection cut' },
  { part: 'api', field: 'slow', label: 'Slow by a second' },
]

/** What goes wrong on purpose: the usual faults as fields, everything as JSON. */
export async function chaosPage(visit: Visit): Promise<HttpAnswer> {
  const { chaos, counts } = await visit.commands.chaos()
  const isCalm = JSON.stringify({ ...chaos, seed: 0 }) === JSON.stringify({ ...CALM, seed: 0 })
  const value = (part: 'deliveries' | 'api', field: string): number => {
    const found = Object.entries(chaos[part]).find(([name]) => name === field)?.[1]
    return typeof found === 'number' ? found : 0
  }
  const fieldsOf = (part: 'deliveries' | 'api'): Html[] =>
    WORDS.filter((one) => one.part === part).map(
      ({ field, label }) =>
        html`<div class="field chance">
          <label for="${part}-${field}">${label}</label>
          <input
            class="input"
            id="${part}-${field}"
            name="${part}[${field}]"
            inputmode="decimal"
            value="${value(part, field)}"
          />
        </div>`,
    )
  return visit.frame.page(
    'Chaos',
    html`<p class="soft lead">
        What goes wrong on purpose, as chances from 0 to 1. The same seed gives the same faults in
        the same order.
      </p>
      ${visit.frame.form(
        'chaos',
        html`<div class="columns">
            <fieldset>
              <legend>Webhook deliveries</legend>
              ${fieldsOf('deliveries')}
              <div class="field chance">
                <label for="reorder">Out of order within (ms)</label>
                <input
                  class="input"
                  id="reorder"
                  name="deliveries[reorder_window_ms]"
                  inputmode="numeric"
                  value="${chaos.deliveries.reorder_window_ms}"
                />
              </div>
            </fieldset>
            <fieldset>
              <legend>API requests</legend>
              ${fieldsOf('api')}
              <div class="field chance">
                <label for="seed">Seed</label>
                <input
                  class="input"
                  id="seed"
                  name="seed"
                  inputmode="numeric"
                  value="${chaos.seed}"
                />
              </div>
            </fieldset>
          </div>
          <p class="row start"><button class="button small">Set chaos</button></p>`,
      )}
      ${
        !isCalm &&
        visit.frame.form(
          'calm',
          html`<p class="row start">
            <button class="button quiet small">Calm everything</button>
          </p>`,
        )
      }
      <h2>Struck so far</h2>
      ${
        Object.keys(counts).length === 0
          ? html`<p class="soft">Nothing.</p>`
          : html`<dl class="facts narrow">
              ${Object.entries(counts).map(
                ([name, count]) =>
                  html`<div>
                    <dt>${name}</dt>
                    <dd>${count}</dd>
                  </div>`,
              )}
            </dl>`
      }
      <h2>Everything, as PUT /_sandbox/chaos takes it</h2>
      <pre class="json" tabindex="0">${JSON.stringify(chaos, null, 2)}</pre>`,
  )
}
