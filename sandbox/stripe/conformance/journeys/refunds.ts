import { sale } from './checkout.ts'
import { card, type Journey, refused } from './traveller.ts'

export const refunds: Journey = {
  name: 'refunds in part, in full, pending and failing',
  async go(traveller) {
    const { stripe } = traveller
    const charge = await sale(traveller)
    const part = await stripe.refunds.create({
      charge: charge.id,
      amount: 500,
      reason: 'requested_by_customer',
      metadata: { by: 'owner' },
    })
    await stripe.refunds.retrieve(part.id, { expand: ['charge', 'balance_transaction'] })
    await stripe.refunds.update(part.id, { metadata: { by: 'the owner' } })
    await stripe.refunds.create({ charge: charge.id })
    await stripe.refunds.list({ charge: charge.id })
    await stripe.charges.retrieve(charge.id, { expand: ['refunds'] })
    await refused(stripe.refunds.create({ charge: charge.id }), 400)
    await refused(stripe.refunds.cancel(part.id), 400)
    const pending = await sale(traveller, card.pendingRefund)
    const asked = await stripe.refunds.create({ charge: pending.id })
    await traveller.control('trigger', { event: 'refund.ask', refund: asked.id })
    await stripe.refunds.retrieve(asked.id)
    await stripe.refunds.cancel(asked.id)
    const byHand = await sale(traveller)
    for (const more of [{ amount: 700 }, { silent: true }])
      await traveller.control('trigger', { event: 'refund.created', charge: byHand.id, ...more })
    await stripe.charges.retrieve(byHand.id, { expand: ['refunds'] })
    for (const number of [card.pendingRefund, card.failingRefund]) {
      const odd = await sale(traveller, number)
      const refund = await stripe.refunds.create({ charge: odd.id })
      await traveller.control('clock', { advance: '8d' })
      await stripe.refunds.retrieve(refund.id)
    }
  },
}
