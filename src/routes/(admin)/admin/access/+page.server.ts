import type { PageServerLoad } from './$types'
import { customerIdsByEmail, ownerOnly } from '#modules/accounts/server/index.ts'
import { ownerProducts, productTitles } from '#modules/catalog/server/index.ts'
import { explainEntitlement } from '#modules/entitlements/reasons.ts'
import { entitlementEvents, rightsTo } from '#modules/entitlements/server/index.ts'
import type { Entitlement } from '#modules/entitlements/types.ts'
import { verdictOf } from '#modules/entitlements/verdict.ts'
import { compById, orderById, ordersOfLines } from '#modules/orders/server/index.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { db } from '#modules/platform/server/index.ts'

/** "Why can (can't) this person open this?" Asked by address and product; the answer names every source and what became of it. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const typed = (event.url.searchParams.get('who') ?? '').slice(0, 300)
  const productId = event.url.searchParams.get('what') ?? ''
  const email = canonicalEmail(typed)
  const [products, named] = await Promise.all([
    ownerProducts(db(), { state: undefined, search: '', limit: 200, offset: 0 }),
    productTitles(db(), [productId]),
  ])
  const choices = products.items.map((product) => ({ value: product.id, label: product.title }))
  const title = named.get(productId)?.title
  if (title !== undefined && !choices.some((choice) => choice.value === productId))
    choices.unshift({ value: productId, label: title })
  const asked = typed !== '' || productId !== ''
  return {
    who: typed,
    what: productId,
    choices,
    problem:
      typed !== '' && email === undefined
        ? 'This does not look like an e-mail address.'
        : asked && typed !== '' && title === undefined
          ? 'Choose a product.'
          : undefined,
    answer:
      email !== undefined && title !== undefined
        ? await answerFor(email, productId, title)
        : undefined,
  }
}

async function answerFor(email: string, productId: string, title: string) {
  const customerIds = await customerIdsByEmail(db(), email)
  const rights = await rightsTo(db(), customerIds, 'product', productId)
  const [events, sources] = await Promise.all([
    entitlementEvents(
      db(),
      rights.map((right) => right.id),
    ),
    sourcesOf(rights),
  ])
  return {
    email,
    title,
    isCustomer: customerIds.length > 0,
    customerId: customerIds[0],
    ...verdictOf(rights),
    rights: rights.map((right) => ({
      id: right.id,
      state: right.state,
      stateWord:
        right.state === 'active' ? 'Opens' : explainEntitlement(right.state, right.reason).title,
      since: right.startsAt,
      source: sources.get(right.id) ?? { words: right.source.kind, href: undefined },
      events: events
        .filter((one) => one.entitlementId === right.id)
        .map((one) => ({
          at: one.at,
          words:
            one.state === 'active' ? 'Opened' : explainEntitlement(one.state, one.reason).title,
          cause: one.cause,
          actor: one.actor,
        })),
    })),
  }
}

/** Where each right comes from, in words, with the page that tells more. */
async function sourcesOf(
  rights: readonly Entitlement[],
): Promise<ReadonlyMap<string, { words: string; href: string | undefined }>> {
  const lineIds = rights.flatMap((right) =>
    right.source.kind === 'order_line' ? [right.source.id] : [],
  )
  const orderIds = await ordersOfLines(db(), lineIds)
  const entries = await Promise.all(
    rights.map(async (right): Promise<[string, { words: string; href: string | undefined }]> => {
      if (right.source.kind === 'order_line') {
        const order = await orderById(db(), orderIds.get(right.source.id) ?? '')
        return [
          right.id,
          {
            words: order ? `Order #${order.number}` : 'An order',
            href: order && `/admin/orders/${order.id}`,
          },
        ]
      }
      const comp = await compById(db(), right.source.id)
      return [right.id, { words: `Given by you: ${comp?.reason ?? ''}`, href: undefined }]
    }),
  )
  return new Map(entries)
}
