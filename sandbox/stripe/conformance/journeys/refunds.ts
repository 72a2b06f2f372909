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
    for (const number of [card.pendingRefund, card.failingRefund]) {
      const odd = await sale(traveller, number)
      const refund = await stripe.refunds.create({ charge: odd.id })
      await traveller.control('clock', { advance: '8d' })
      await stripe.refunds.retrieve(refund.id)
    }
  },
}
