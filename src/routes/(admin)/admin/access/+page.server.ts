import type { PageServerLoad } from './$types'
import { customerIdsByEmail, ownerOnly } from '#modules/accounts/server/index.ts'
import { ownerProducts, productTitles } from '#modules/catalog/server/index.ts'
import { explainEntitlement } from '#modules/entitlements/reasons.ts'
import { entitlementEvents, rightsTo } from '#modules/entitlements/server/index.ts'
import type { Entitlement, EntitlementState } from '#modules/entitlements/types.ts'
import { standingAt, verdictOf } from '#modules/entitlements/verdict.ts'
import { givenToCustomers, plans } from '#modules/memberships/server/index.ts'
import { compById, orderById, ordersOfLines } from '#modules/orders/server/index.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { db, now } from '#modules/platform/server/index.ts'

/** "Why can (can't) this person open this?" Asked by address and product or plan; the answer names every source and what became of it. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const typed = (event.url.searchParams.get('who') ?? '').slice(0, 300)
  const what = event.url.searchParams.get('what') ?? ''
  const email = canonicalEmail(typed)
  const [products, named, all] = await Promise.all([
    ownerProducts(db(), { state: undefined, search: '', limit: 200, offset: 0 }),
    productTitles(db(), [what]),
    plans(db()),
  ])
  const choices = products.items.map((product) => ({ value: product.id, label: product.title }))
  const product = named.get(what)?.title
  if (product !== undefined && !choices.some((choice) => choice.value === what))
    choices.unshift({ value: what, label: product })
  choices.push(...all.map((plan) => ({ value: plan.id, label: `Plan: ${plan.title}` })))
  const title = product ?? all.find((plan) => plan.id === what)?.title
  const benefit = product === undefined ? 'plan' : 'product'
  return {
    who: typed,
    what,
    choices,
    problem:
      typed !== '' && email === undefined
        ? 'This does not look like an e-mail address.'
        : typed !== '' && title === undefined
          ? 'Choose a product or a plan.'
          : undefined,
    answer:
      email !== undefined && title !== undefined
        ? await answerFor(email, { benefit, id: what, title })
        : undefined,
  }
}

async function answerFor(
  email: string,
  { benefit, id, title }: { readonly benefit: string; readonly id: string; readonly title: string },
) {
  const customerIds = await customerIdsByEmail(db(), email)
  const [rights, at] = await Promise.all([rightsTo(db(), customerIds, benefit, id), now(db())])
  const [events, sources] = await Promise.all([
    entitlementEvents(
      db(),
      rights.map((right) => right.id),
    ),
    sourcesOf(rights, customerIds),
  ])
  return {
    email,
    title,
    isCustomer: customerIds.length > 0,
    customerId: customerIds[0],
    ...verdictOf(rights, at),
    rights: rights.map((right) => ({
      id: right.id,
      state: standingAt(right, at),
      stateWord: stateWord(standingAt(right, at), right),
      until: right.endsAt,
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

function stateWord(state: EntitlementState, { reason, source }: Entitlement): string {
  if (state === 'active') return 'Opens'
  // A gift of months stands back for what is paid for.
  if (state === 'pending' && source.kind === 'gift') return 'Waits'
  return explainEntitlement(state, reason).title
}

/** Where each right comes from, in words, with the page that tells more. */
async function sourcesOf(
  rights: readonly Entitlement[],
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, { words: string; href: string | undefined }>> {
  const lineIds = rights.flatMap((right) =>
    right.source.kind === 'order_line' ? [right.source.id] : [],
  )
  const [orderIds, given] = await Promise.all([
    ordersOfLines(db(), lineIds),
    rights.some((right) => right.benefit === 'plan') ? givenToCustomers(db(), customerIds) : [],
  ])
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
      if (right.source.kind === 'subscription')
        return [
          right.id,
          { words: 'Their subscription', href: `/admin/customers/${right.customerId}` },
        ]
      const plan = given.find((one) => one.id === right.source.id)
      const comp = plan ?? (await compById(db(), right.source.id))
      return [
        right.id,
        {
          words: `Given by you: ${comp?.reason ?? ''}`,
          href: plan && `/admin/customers/${right.customerId}`,
        },
      ]
    }),
  )
  return new Map(entries)
}
