import type { Charge } from '../engine/objects/charge.ts'
import type { Html } from '../pages/html.ts'
import type { Visit } from './visit.ts'
import { formatMoney } from '../engine/currencies.ts'
import { standingDisputeOf } from '../engine/dispute.ts'
import { html } from '../pages/html.ts'
import { disputePart } from './dispute-part.ts'
import { refundPart } from './refund-part.ts'
import { warningPart } from './warning-part.ts'

/** What the seller can do with a charge in Stripe's Dashboard, and what its buyer's bank can do. */
export async function chargeDesk(visit: Visit, charge: Charge): Promise<Html> {
  if (charge.status !== 'succeeded' || !charge.captured) return html``
  const reading = await visit.sandbox.reading(visit.account)
  const standing = await standingDisputeOf(reading, charge.id)
  const money = (amount: number): string => formatMoney(amount, charge.currency)
  return html`<p class="lead" data-testid="charge-sum">
      ${money(charge.amount_captured)}
      paid${
        charge.amount_refunded > 0 && `, ${money(charge.amount_refunded)} given back`
      }${standing !== undefined && `, ${money(standing.amount)} ${wordsFor(standing.status)}`}.
    </p>
    <div class="desk">
      <section>
        <h2>Refunds</h2>
        ${await refundPart(visit, reading, charge, standing)}
      </section>
      <section>
        <h2>Dispute</h2>
        ${await disputePart(visit, reading, charge, standing)}
      </section>
      <section>
        <h2>Early fraud warning</h2>
        ${await warningPart(visit, reading, charge)}
      </section>
    </div>
    <h2>The charge</h2>`
}

function wordsFor(status: string): string {
  if (status === 'lost') return 'lost to a dispute'
  return status.startsWith('warning_') ? 'asked about' : 'disputed'
}
