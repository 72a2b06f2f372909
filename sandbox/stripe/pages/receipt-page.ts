import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import { formatMoney } from '../engine/currencies.ts'
import { messagePage, nothingHere } from './message-page.ts'

/** What `charge.receipt_url` leads to. */
export async function answerReceiptPage(
  sandbox: Sandbox,
  _request: ApiRequest,
  id: string,
): Promise<HttpAnswer> {
  const account = await sandbox.store.accountOf('charge', id)
  if (account === undefined) return nothingHere()
  const charge = await (await sandbox.reading(account)).atPath('charge', id, 'charge')
  if (charge.status !== 'succeeded') return nothingHere()
  const day = new Date(charge.created * 1000).toLocaleDateString('en-GB', {
    dateStyle: 'long',
    timeZone: 'UTC',
  })
  return messagePage({
    title: 'Receipt',
    text: charge.description === null ? [] : [charge.description],
    facts: [
      { name: 'Paid', value: formatMoney(charge.amount_captured, charge.currency) },
      ...(charge.amount_refunded > 0
        ? [{ name: 'Refunded', value: formatMoney(charge.amount_refunded, charge.currency) }]
        : []),
      { name: 'On', value: `${day} (UTC)` },
      { name: 'Payment', value: charge.payment_intent ?? charge.id },
    ],
  })
}
