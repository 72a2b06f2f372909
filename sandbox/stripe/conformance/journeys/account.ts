import { sale } from './checkout.ts'
import { type Journey, refused } from './traveller.ts'

export const account: Journey = {
  name: 'what the account has: endpoints, events, balance',
  async go(traveller) {
    const { stripe } = traveller
    const endpoint = await stripe.webhookEndpoints.create({
      url: 'http://127.0.0.1:9/webhooks/stripe',
      enabled_events: ['checkout.session.completed', 'charge.refunded'],
      description: 'The shop',
      metadata: { name: 'shop' },
    })
    await stripe.webhookEndpoints.update(endpoint.id, { enabled_events: ['*'], disabled: true })
    await stripe.webhookEndpoints.retrieve(endpoint.id)
    await stripe.webhookEndpoints.list()
    await stripe.webhookEndpoints.del(endpoint.id)
    await refused(stripe.webhookEndpoints.retrieve(endpoint.id), 404)
    await sale(traveller)
    const { data } = await stripe.events.list({ limit: 5 })
    for (const event of data) await stripe.events.retrieve(event.id)
    await stripe.events.list({ types: ['charge.succeeded'], created: { gt: 1 } })
    await stripe.balance.retrieve()
    const transactions = await stripe.balanceTransactions.list({
      limit: 3,
      expand: ['data.source'],
    })
    for (const transaction of transactions.data) {
      await stripe.balanceTransactions.retrieve(transaction.id)
    }
    await stripe.accounts.retrieveCurrent()
    await refused(stripe.events.retrieve('evt_none'), 404)
    await refused(stripe.events.list({ limit: 101 }), 400)
    const idempotencyKey = 'journey-same-key'
    await stripe.customers.create({ name: 'Once' }, { idempotencyKey })
    await stripe.customers.create({ name: 'Once' }, { idempotencyKey })
    await refused(stripe.customers.create({ name: 'Twice' }, { idempotencyKey }), 400)
  },
}
