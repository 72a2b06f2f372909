import type { Reading } from '../engine/work.ts'
import { breakdownOf, linesOf } from '../engine/session-parts.ts'

type Hash = Readonly<Record<string, unknown>>

/** Lists inside an object begin with so many. */
const FIRST_PAGE = 10

/**
 * A part of an object that is left out unless the request expands it; undefined when the field is
 * no such part. `rest` is the way on from the field.
 */
export async function partAskedFor(
  reading: Reading,
  hash: Hash,
  field: string,
  rest: readonly string[],
): Promise<Hash | undefined> {
  const { id, object } = hash
  if (typeof id !== 'string' || typeof object !== 'string') return undefined
  switch (`${object} ${field}`) {
    case 'checkout.session line_items': {
      const session = await reading.get('checkout.session', id)
      if (session === undefined) return undefined
      const lines = await linesOf(reading, session, rest.slice(1, 2))
      return firstPage(lines, `/v1/checkout/sessions/${id}/line_items`)
    }
    case 'checkout.session total_details': {
      const session = await reading.get('checkout.session', id)
      if (session === undefined || rest[0] !== 'breakdown') return undefined
      return { ...session.total_details, breakdown: await breakdownOf(reading, session) }
    }
    case 'charge refunds': {
      const page = await reading.list('refund', {
        limit: FIRST_PAGE,
        conditions: [{ path: ['charge'], is: id }],
      })
      return {
        object: 'list',
        data: page.data,
        has_more: page.hasMore,
        url: `/v1/charges/${id}/refunds`,
      }
    }
    case 'coupon applies_to': {
      const record = await reading.get('_coupon', id)
      return record === undefined || record.products === null
        ? undefined
        : { products: record.products }
    }
    case 'coupon currency_options': {
      const record = await reading.get('_coupon', id)
      if (record === undefined) return undefined
      return Object.fromEntries(
        Object.entries(record.amountsOff).map(([currency, off]) => [currency, { amount_off: off }]),
      )
    }
    case 'invoice payments': {
      const page = await reading.list('invoice_payment', {
        limit: FIRST_PAGE,
        conditions: [{ path: ['invoice'], is: id }],
      })
      return {
        object: 'list',
        data: page.data,
        has_more: page.hasMore,
        url: `/v1/invoice_payments?invoice=${id}`,
      }
    }
    case 'invoice confirmation_secret': {
      const record = await reading.get('_invoice', id)
      const intent =
        record?.intent == null ? undefined : await reading.get('payment_intent', record.intent)
      return intent === undefined
        ? undefined
        : { client_secret: intent.client_secret, type: 'payment_intent' }
    }
    case 'customer subscriptions': {
      if (hash['deleted'] === true) return undefined
      const page = await reading.list('subscription', {
        limit: FIRST_PAGE,
        conditions: [
          { path: ['customer'], is: id },
          { not: { path: ['status'], in: ['canceled', 'incomplete_expired'] } },
        ],
      })
      return {
        object: 'list',
        data: page.data,
        has_more: page.hasMore,
        url: `/v1/customers/${id}/subscriptions`,
      }
    }
    case 'customer sources':
    case 'customer tax_ids':
      return hash['deleted'] === true ? undefined : firstPage([], `/v1/customers/${id}/${field}`)
    default:
      return undefined
  }
}

function firstPage(whole: readonly Hash[], url: string): Hash {
  return {
    object: 'list',
    data: whole.slice(0, FIRST_PAGE),
    has_more: whole.length > FIRST_PAGE,
    url,
  }
}
