import { sale } from './checkout.ts'
import { card, type Journey, refused } from './traveller.ts'

export const fraudWarnings: Journey = {
  name: 'early fraud warnings, heeded and not',
  async go(traveller) {
    const { stripe } = traveller
    const doubted = await sale(traveller, card.fraudWarning)
    await traveller.control('clock', { advance: '1s' })
    const {
      data: [warning],
    } = await stripe.radar.earlyFraudWarnings.list({ charge: doubted.id })
    if (!warning) throw new Error(`No warning on ${doubted.id}`)
    await stripe.radar.earlyFraudWarnings.retrieve(warning.id, {
      expand: ['charge', 'payment_intent'],
    })
    await stripe.refunds.create({ charge: doubted.id, reason: 'fraudulent' })
    await stripe.radar.earlyFraudWarnings.retrieve(warning.id)
    const other = await sale(traveller)
    const event = 'radar.early_fraud_warning.created'
    await traveller.control('trigger', { event, charge: other.id, fraud_type: 'misc' })
    await traveller.control('trigger', { event: 'charge.dispute.created', charge: other.id })
    await stripe.radar.earlyFraudWarnings.list({ expand: ['data.charge'] })
    await refused(stripe.radar.earlyFraudWarnings.retrieve('issfr_none'), 404)
  },
}
