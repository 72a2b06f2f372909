import type { Charge } from '../engine/objects/charge.ts'
import type { Dispute } from '../engine/objects/dispute.ts'
import type { Refund } from '../engine/objects/refund.ts'
import type { Reading } from '../engine/work.ts'
import type { Html } from '../pages/html.ts'
import type { Visit } from './visit.ts'
import { formatMoney, plainMoney } from '../engine/currencies.ts'
import { REFUND_REASONS } from '../engine/objects/refund.ts'
import { html } from '../pages/html.ts'
import { objectPath } from './json-view.ts'
import { statusMark } from './status-mark.ts'
import { choiceField, deed, silentField } from './trigger-form.ts'

const SHOWN = 20

/** What was given back of a charge, what may become of it, and the form that gives back more. */
export async function refundPart(
  visit: Visit,
  reading: Reading,
  charge: Charge,
  standing: Dispute | undefined,
): Promise<Html> {
  const refunds = await reading.list('refund', {
    limit: SHOWN,
    conditions: [{ path: ['charge'], is: charge.id }],
  })
  return html`${
    refunds.data.length > 0 &&
    html`<ul class="deeds" aria-label="Refunds">
      ${refunds.data.map((refund) => row(visit, refund))}
    </ul>`
  }
  ${refunds.hasMore && html`<p class="note">The latest ${SHOWN}.</p>`}
  ${form(visit, charge, standing)}`
}

function form(visit: Visit, charge: Charge, standing: Dispute | undefined): Html {
  const left = charge.amount_captured - charge.amount_refunded
  if (left <= 0) return html`<p class="soft small">Everything was given back.</p>`
  if (standing !== undefined && !standing.is_charge_refundable)
    return html`<p class="soft small">A disputed charge cannot be refunded.</p>`
  return visit.frame.form(
    'trigger',
    html`<input type="hidden" name="event" value="refund.created" />
      <input type="hidden" name="charge" value="${charge.id}" />
      <input type="hidden" name="currency" value="${charge.currency}" />
      <div class="field">
        <label for="refund-amount">Amount (${charge.currency.toUpperCase()})</label>
        <input
          class="input"
          id="refund-amount"
          name="amount"
          inputmode="decimal"
          autocomplete="off"
          data-testid="refund-amount"
          value="${plainMoney(left, charge.currency)}"
        />
      </div>
      ${choiceField('refund-reason', 'reason', 'Reason', ['', ...REFUND_REASONS])}
      ${silentField('refund-silent')}
      <button class="button small" data-testid="refund">Refund</button>`,
  )
}

function row(visit: Visit, refund: Refund): Html {
  const isOnItsWay = refund.status === 'pending' || refund.status === 'requires_action'
  return html`<li>
    <p>
      <a href="${visit.frame.url(objectPath('refund', refund.id))}"
        >${formatMoney(refund.amount, refund.currency)}</a
      >
      ${statusMark(refund.status)}
    </p>
    ${
      (isOnItsWay || refund.status === 'succeeded') &&
      html`<div class="deed-row">
        ${isOnItsWay && deed(visit.frame, 'refund.updated', { refund: refund.id }, 'Succeed')}
        ${deed(visit.frame, 'refund.fail', { refund: refund.id }, 'Fail')}
        ${isOnItsWay && deed(visit.frame, 'refund.cancel', { refund: refund.id }, 'Cancel')}
      </div>`
    }
  </li>`
}
