import type { Kind } from '../engine/kinds.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Html } from '../pages/html.ts'
import type { Doc } from '../store/store.ts'
import type { Visit } from './visit.ts'
import { formatMoney } from '../engine/currencies.ts'
import { html } from '../pages/html.ts'
import { nothingHere } from '../pages/message-page.ts'
import { chargeDesk } from './charge-desk.ts'
import { jsonView, objectPath } from './json-view.ts'
import { statusMark } from './status-mark.ts'
import { shortInstant } from './times.ts'

/** The kinds that can be looked at, with the words for them. */
const KINDS: readonly [Kind, string][] = [
  ['checkout.session', 'Checkout sessions'],
  ['subscription', 'Subscriptions'],
  ['invoice', 'Invoices'],
  ['payment_intent', 'Payment intents'],
  ['charge', 'Charges'],
  ['refund', 'Refunds'],
  ['dispute', 'Disputes'],
  ['radar.early_fraud_warning', 'Early fraud warnings'],
  ['customer', 'Customers'],
  ['payment_method', 'Payment methods'],
  ['product', 'Products'],
  ['price', 'Prices'],
  ['coupon', 'Coupons'],
  ['promotion_code', 'Promotion codes'],
  ['setup_intent', 'Setup intents'],
  ['test_helpers.test_clock', 'Test clocks'],
  ['balance_transaction', 'Balance transactions'],
  ['webhook_endpoint', 'Webhook endpoints'],
]

const PAGE = 50

/** Objects of one kind, newest first. */
export async function objectsPage(visit: Visit): Promise<HttpAnswer> {
  const kind = KINDS.find(([name]) => name === visit.query.get('kind'))?.[0] ?? 'checkout.session'
  return listOf(visit, kind)
}

/** `/objects/{kind}/{id}` */
export async function objectPage(visit: Visit, path: readonly string[]): Promise<HttpAnswer> {
  const kind = KINDS.find(([name]) => name === path[0])?.[0]
  if (kind === undefined || path[1] === undefined || path.length !== 2) return nothingHere()
  const reading = await visit.sandbox.reading(visit.account)
  const found: Doc | undefined = await reading.get(kind, decodeURIComponent(path[1]))
  if (found === undefined) return nothingHere()
  const events = await reading.list('event', {
    limit: 20,
    conditions: [{ path: ['data', 'object', 'id'], is: found.id }],
  })
  return visit.frame.page(
    found.id,
    html`<p class="crumb">
        <a href="${visit.frame.url(`/objects?kind=${kind}`)}">${wordsFor(kind)}</a>
      </p>
      ${kind === 'charge' && (await chargeDesk(visit, await reading.atPath('charge', found.id, 'id')))}
      ${jsonView(visit.frame, found)}
      ${
        events.data.length > 0 &&
        html`<h2>Its events</h2>
          <ul class="plain">
            ${events.data.map(
              (event) =>
                html`<li>
                  <a href="${visit.frame.url(`/events/${event.id}`)}">${event.type}</a>
                  <span class="soft small">${shortInstant(event.created * 1000)}</span>
                </li>`,
            )}
          </ul>`
      }`,
  )
}

async function listOf(visit: Visit, kind: Kind): Promise<HttpAnswer> {
  const { frame } = visit
  const reading = await visit.sandbox.reading(visit.account)
  const after = visit.query.get('after') ?? undefined
  const page = await reading.list(kind, { limit: PAGE, after })
  const last = page.data.at(-1)
  return frame.page(
    wordsFor(kind),
    html`<nav class="kinds" aria-label="Kinds of objects">
        <ul>
          ${KINDS.map(
            ([name, words]) =>
              html`<li>
                <a
                  href="${frame.url(`/objects?kind=${name}`)}"
                  ${name === kind ? html`aria-current="page"` : ''}
                  >${words}</a
                >
              </li>`,
          )}
        </ul>
      </nav>
      ${
        page.data.length === 0
          ? html`<p class="soft">None yet.</p>`
          : html`<div class="scroll" role="region" aria-label="Objects" tabindex="0">
              <table>
                <thead>
                  <tr>
                    <th>Id</th>
                    <th>What</th>
                    <th>State</th>
                    <th class="num">Amount</th>
                    <th class="num">Made</th>
                  </tr>
                </thead>
                <tbody>
                  ${page.data.map((doc) => row(visit, kind, doc))}
                </tbody>
              </table>
            </div>`
      }
      ${
        page.hasMore &&
        last !== undefined &&
        html`<p class="row">
          <a
            class="button quiet small"
            href="${frame.url(`/objects?kind=${kind}&after=${last.id}`)}"
            >Older</a
          >
        </p>`
      }`,
  )
}

function row({ frame }: Visit, kind: Kind, doc: Doc): Html {
  const amount =
    doc['amount_total'] ?? doc['total'] ?? doc['amount'] ?? doc['unit_amount'] ?? doc['amount_off']
  const currency = doc['currency']
  const status = doc['status'] ?? (doc['active'] === false ? 'inactive' : undefined)
  const created = doc['created']
  return html`<tr>
    <td>
      <a href="${frame.url(objectPath(kind, doc.id))}"><code>${shortened(doc.id)}</code></a>
    </td>
    <td class="wrap">${descriptionOf(doc)}</td>
    <td>${typeof status === 'string' ? statusMark(status) : ''}</td>
    <td class="num">
      ${
        typeof amount === 'number' && typeof currency === 'string'
          ? formatMoney(amount, currency)
          : ''
      }
    </td>
    <td class="num">${typeof created === 'number' ? shortInstant(created * 1000) : ''}</td>
  </tr>`
}

/** Fields that tell one object of a kind from another, the most telling first. */
const TELLING = [
  'name',
  'email',
  'url',
  'description',
  'nickname',
  'code',
  'number',
  'reason',
  'customer_email',
  'type',
  'payment_intent',
  'customer',
]

function descriptionOf(doc: Doc): string {
  const details = doc['customer_details'] ?? doc['billing_details']
  if (typeof details === 'object' && details !== null && 'email' in details)
    if (typeof details.email === 'string') return details.email
  for (const field of TELLING) {
    const value = doc[field]
    if (typeof value === 'string') return shortened(value)
  }
  return ''
}

function shortened(id: string): string {
  return id.length > 28 ? `${id.slice(0, 14)}…${id.slice(-8)}` : id
}

function wordsFor(kind: Kind): string {
  return KINDS.find(([name]) => name === kind)?.[1] ?? kind
}
