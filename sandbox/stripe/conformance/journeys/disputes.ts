import { sale } from './checkout.ts'
import { card, type Journey, refused } from './traveller.ts'

export const disputes: Journey = {
  name: 'disputes that are answered, accepted or only asked about',
  async go(traveller) {
    const { stripe } = traveller
    for (const [index, number] of [card.disputed, card.disputed, card.inquiry].entries()) {
      const charge = await sale(traveller, number)
      await traveller.control('clock', { advance: '1s' })
      const {
        data: [dispute],
      } = await stripe.disputes.list({ charge: charge.id })
      if (!dispute) throw new Error(`No dispute on ${charge.id}`)
      await stripe.disputes.retrieve(dispute.id, { expand: ['charge', 'payment_intent'] })
      await stripe.disputes.update(dispute.id, {
        evidence: {
          product_description: 'A printed booklet',
          uncategorized_text: index === 0 ? 'winning_evidence' : 'Sent on the day',
        },
        metadata: { seen: 'yes' },
        submit: index === 0,
      })
      if (index === 1) await stripe.disputes.close(dispute.id)
      await stripe.disputes.retrieve(dispute.id)
      if (index !== 2) continue
      await traveller.control('trigger', { event: 'dispute.escalate', dispute: dispute.id })
      await refused(stripe.disputes.update(dispute.id, { evidence: { receipt: 'file_1' } }), 400)
      await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'Sent' } })
      await traveller.control('trigger', { event: 'dispute.lose', dispute: dispute.id })
      await refused(stripe.refunds.create({ charge: charge.id }), 400)
    }
  },
}
