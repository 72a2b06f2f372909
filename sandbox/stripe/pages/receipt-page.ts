import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Charge } from '../engine/objects/charge.ts'
import type { Reading } from '../engine/work.ts'
import type { Sandbox } from '../sandbox.ts'
import { formatMoney } from '../engine/currencies.ts'
import { moneyOf } from '../engine/session-money.ts'
import { messagePage, nothingHere } from './message-page.ts'

/** What `charge.receipt_url` leads to. */
export async function answerReceiptPage(
  sandbox: Sandbox,
  _request: ApiRequest,
  id: string,
): Promise<HttpAnswer> {
  const account = await sandbox.store.accountOf('charge', id)
  if (account === undefined) return nothingHere()
  const reading = await sandbox.reading(account)
  const charge = await reading.atPath('charge', id, 'charge')
  if (charge.status !== 'succeeded') return nothingHere()
  const day = new Date(charge.created * 1000).toLocaleDateString('en-GB', {
    dateStyle: 'long',
    timeZone: 'UTC',
  })
  return messagePage({
    title: 'Receipt',
    text: charge.description === null ? [] : [charge.description],
    facts: [
      ...(await discountFacts(reading, charge)),
      { name: 'Paid', value: formatMoney(charge.amount_captured, charge.currency) },
      ...(charge.amount_refunded > 0
        ? [{ name: 'Refunded', value: formatMoney(charge.amount_refunded, charge.currency) }]
        : []),
      { name: 'On', value: `${day} (UTC)` },
      { name: 'Payment', value: charge.payment_intent ?? charge.id },
    ],
  })
}

/** What a checkout with a coupon would have cost, and what was taken off. */
async function discountFacts(
  reading: Reading,
  charge: Charge,
): Promise<readonly { name: string; value: string }[]> {
  const intent =
    charge.payment_intent === null ? undefined : await reading.get('_intent', charge.payment_intent)
  if (intent?.session == null) return []
  const session = await reading.get('checkout.session', intent.session)
  const checkout = await reading.get('_checkout', intent.session)
  if (session === undefined || checkout?.discount === undefined) return []
  const { currency, subtotal, discount } = moneyOf(session)
  return [
    { name: 'Subtotal', value: formatMoney(subtotal, currency) },
    {
      name: checkout.discount.title,
      value: formatMoney(-discount, currency),
    },
  ]
}
