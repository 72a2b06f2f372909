import type { Condition } from '../../store/store.ts'
import type { Answer, Operation } from '../operation.ts'
import type { Subscription } from '../objects/subscription.ts'
import type { Params } from '../params.ts'
import type { Work } from '../work.ts'
import { invalidRequest, noSuchPathObject } from '../../api-error.ts'
import { equals, inRange, listPage } from '../lists.ts'
import { pathParam } from '../operation.ts'
import { searchOperation } from '../search.ts'
import { noteCredit } from './invoice-notes.ts'
import { changeSubscription, isEnded, recordOf } from './subscription.ts'
import { createSubscription } from './subscription-create.ts'
import { endDiscount } from './subscription-discounts.ts'
import { endSubscription } from './subscription-end.ts'
import { MOST_ITEMS } from './subscription-items.ts'
import { cancellationDetails } from './subscription-params.ts'
import { billCredits, pauseSubscription, resumeSubscription } from './subscription-pause.ts'
import { subscriptionAtPath, updateSubscription } from './subscription-update.ts'

const ENDED = ['canceled', 'incomplete_expired']

export const subscriptionOperations: readonly Operation[] = [
  { route: 'POST /v1/subscriptions', write: (work, params) => createSubscription(work, params) },
  {
    route: 'GET /v1/subscriptions/{id}',
    read: (reading, _params, path) => reading.atPath('subscription', pathParam(path, 'id'), 'id'),
  },
  {
    route: 'POST /v1/subscriptions/{id}',
    write: (work, params, path) => updateSubscription(work, params, pathParam(path, 'id')),
  },
  {
    route: 'DELETE /v1/subscriptions/{id}',
    write: (work, params, path) => cancelNow(work, params, pathParam(path, 'id')),
  },
  {
    route: 'POST /v1/subscriptions/{id}/pause',
    write: (work, params, path) => pauseSubscription(work, params, pathParam(path, 'id')),
  },
  {
    route: 'POST /v1/subscriptions/{id}/resume',
    write: (work, params, path) => resumeSubscription(work, params, pathParam(path, 'id')),
  },
  {
    route: 'POST /v1/subscriptions/{id}/migrate',
    async write(accountWork, _params, path) {
      const { work, subscription } = await subscriptionAtPath(accountWork, pathParam(path, 'id'))
      if (subscription.billing_mode.type === 'flexible')
        throw invalidRequest('This subscription is already billed in the flexible mode.')
      return changeSubscription(work, subscription, {
        ...subscription,
        billing_mode: {
          flexible: { proration_discounts: 'included' },
          type: 'flexible',
          updated_at: work.now,
        },
      })
    },
  },
  {
    route: 'DELETE /v1/subscriptions/{id}/discount',
    write: (work, _params, path) => dropDiscounts(work, pathParam(path, 'id')),
  },
  {
    route: 'GET /v1/subscriptions',
    read: (reading, params) =>
      listPage(reading, 'subscription', '/v1/subscriptions', params, [
        equals('customer'),
        withStatus,
        withPrice,
        (given) => (given.has('customer') ? undefined : byClock(given)),
        equals('collection_method'),
        inRange('current_period_end', 'items', 'data', '0', 'current_period_end'),
        inRange('current_period_start', 'items', 'data', '0', 'current_period_start'),
        equals('customer_account'),
        (given) => {
          const taxed = given.group('automatic_tax')?.flag('enabled')
          return taxed === undefined ? undefined : { path: ['automatic_tax', 'enabled'], is: taxed }
        },
      ]),
  },
  searchOperation('/v1/subscriptions', 'subscription', {
    canceled_at: 'number',
    created: 'number',
    status: 'exact',
  }),
]

/** Without a status Stripe leaves out what is over. */
function withStatus(params: Params): Condition | undefined {
  const status = params.text('status')
  const over: Condition = { path: ['status'], in: ENDED }
  if (status === 'all') return undefined
  if (status === 'ended') return over
  return status === undefined
    ? { not: { path: ['status'], is: 'canceled' } }
    : { path: ['status'], is: status }
}

function withPrice(params: Params): Condition | undefined {
  const price = params.text('price') ?? params.text('plan')
  if (price === undefined) return undefined
  const places = Array.from({ length: MOST_ITEMS }, (_, at) => `${at}`)
  return {
    any: places.map((at) => ({ path: ['items', 'data', at, 'price', 'id'], is: price })),
  }
}

/** What goes by a test clock is listed only when one asks for it. */
function byClock(params: Params): Condition {
  return { path: ['test_clock'], is: params.text('test_clock') ?? null }
}

async function cancelNow(accountWork: Work, params: Params, id: string): Promise<Subscription> {
  const { work, subscription: found } = await subscriptionAtPath(accountWork, id)
  if (isEnded(found)) throw noSuchPathObject('subscription', id, 'id')
  const before: Subscription = {
    ...found,
    cancellation_details: cancellationDetails(params, found.cancellation_details),
  }
  if (params.flag('prorate') === true) {
    const record = await recordOf(work, id)
    for (const item of before.items.data)
      await noteCredit(work, before, item, record.debits[item.id], work.now)
    work.put('_subscription', { ...record, debits: {} })
  }
  work.put('subscription', before)
  if (params.flag('invoice_now') === true) await billCredits(work, before)
  const current = await work.named('subscription', id, 'id')
  return endSubscription(work, current, 'cancellation_requested')
}

async function dropDiscounts(accountWork: Work, id: string): Promise<Answer> {
  const { work, subscription } = await subscriptionAtPath(accountWork, id)
  const last = subscription.discounts.at(-1)
  const discount = last === undefined ? undefined : await work.get('discount', last)
  if (discount === undefined) throw noSuchPathObject('discount', id, 'id')
  for (const one of subscription.discounts) await endDiscount(work, one)
  changeSubscription(work, subscription, { ...subscription, discounts: [] })
  const { end: _end, ...rest } = discount
  return { ...rest, deleted: true }
}
