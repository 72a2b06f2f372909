import type { Charge } from '../engine/objects/charge.ts'
import type { Dispute } from '../engine/objects/dispute.ts'
import type { Reading } from '../engine/work.ts'
import type { Html } from '../pages/html.ts'
import type { Visit } from './visit.ts'
import { formatMoney, plainMoney } from '../engine/currencies.ts'
import { NEXT, disputableAmount } from '../engine/dispute.ts'
import { DISPUTE_REASONS } from '../engine/dispute-opening.ts'
import { html } from '../pages/html.ts'
import { objectPath } from './json-view.ts'
import { statusMark } from './status-mark.ts'
import { shortInstant } from './times.ts'
import { choiceField, deed, silentField } from './trigger-form.ts'

const SHOWN = 10

/** The disputes of a charge with how they may end, and the form that begins one. */
export async function disputePart(
  visit: Visit,
  reading: Reading,
  charge: Charge,
  standing: Dispute | undefined,
): Promise<Html> {
  const disputes = await reading.list('dispute', {
    limit: SHOWN,
    conditions: [{ path: ['charge'], is: charge.id }],
  })
  return html`${
    disputes.data.length > 0 &&
    html`<ul class="deeds" aria-label="Disputes">
      ${disputes.data.map((dispute) => row(visit, dispute))}
    </ul>`
  }
  ${standing === undefined && form(visit, charge)}`
}

function form(visit: Visit, charge: Charge): Html {
  if (charge.payment_method_details.type !== 'card')
    return html`<p class="soft small">Only payments by card are disputed here.</p>`
  return visit.frame.form(
    'trigger',
    html`<input type="hidden" name="event" value="charge.dispute.created" />
      <input type="hidden" name="charge" value="${charge.id}" />
      <input type="hidden" name="currency" value="${charge.currency}" />
      <div class="field">
        <label for="dispute-amount">Amount (${charge.currency.toUpperCase()})</label>
        <input
          class="input"
          id="dispute-amount"
          name="amount"
          inputmode="decimal"
          autocomplete="off"
          value="${plainMoney(disputableAmount(charge), charge.currency)}"
        />
      </div>
      ${choiceField('dispute-reason', 'reason', 'Reason', Object.keys(DISPUTE_REASONS), 'fraudulent')}
      <label class="tick"
        ><input type="checkbox" name="inquiry" value="yes" />Only an inquiry: no money is
        taken</label
      >
      ${silentField('dispute-silent')}
      <button class="button small" data-testid="dispute">Open dispute</button>`,
  )
}

function row(visit: Visit, dispute: Dispute): Html {
  const { frame } = visit
  const named = { dispute: dispute.id }
  const can = (doing: keyof typeof NEXT): boolean => NEXT[doing][dispute.status] !== undefined
  const isInquiry = can('escalate')
  const { due_by } = dispute.evidence_details
  return html`<li>
    <p>
      <a href="${frame.url(objectPath('dispute', dispute.id))}"
        >${formatMoney(dispute.amount, dispute.currency)}</a
      >
      ${statusMark(dispute.status)}
      <span class="soft small">${dispute.reason.replaceAll('_', ' ')}</span>
    </p>
    ${
      can('submit') &&
      due_by !== null &&
      html`<p class="soft small">To be answered by ${shortInstant(due_by * 1000)}</p>`
    }
    ${
      can('win') &&
      html`<div class="deed-row">
        ${deed(frame, 'dispute.win', named, isInquiry ? 'Close' : 'Seller wins')}
        ${!isInquiry && deed(frame, 'dispute.lose', named, 'Seller loses')}
        ${isInquiry && deed(frame, 'dispute.escalate', named, 'Becomes a chargeback')}
      </div>`
    }
  </li>`
}
