import type { Charge } from '../engine/objects/charge.ts'
import type { Reading } from '../engine/work.ts'
import type { Html } from '../pages/html.ts'
import type { Visit } from './visit.ts'
import { FRAUD_TYPES } from '../engine/objects/early-fraud-warning.ts'
import { html } from '../pages/html.ts'
import { objectPath } from './json-view.ts'
import { choiceField, silentField } from './trigger-form.ts'

/** The early fraud warning of a charge, or the form that raises one. */
export async function warningPart(visit: Visit, reading: Reading, charge: Charge): Promise<Html> {
  const { frame } = visit
  const record = await reading.get('_warning', charge.id)
  const warning =
    record === undefined
      ? undefined
      : await reading.get('radar.early_fraud_warning', record.warning)
  if (warning !== undefined)
    return html`<ul class="deeds">
      <li>
        <p>
          <a href="${frame.url(objectPath('radar.early_fraud_warning', warning.id))}"
            >${warning.fraud_type.replaceAll('_', ' ')}</a
          >
          <span class="status ${warning.actionable ? 'warn' : ''}"
            >${warning.actionable ? 'actionable' : 'no longer actionable'}</span
          >
        </p>
      </li>
    </ul>`
  if (charge.payment_method_details.type !== 'card')
    return html`<p class="soft small">Only payments by card get one.</p>`
  return frame.form(
    'trigger',
    html`<input type="hidden" name="event" value="radar.early_fraud_warning.created" />
      <input type="hidden" name="charge" value="${charge.id}" />
      ${choiceField('fraud-type', 'fraud_type', 'Kind of fraud', FRAUD_TYPES, 'misc')}
      ${silentField('warning-silent')}
      <button class="button small" data-testid="warn">Raise warning</button>`,
  )
}
