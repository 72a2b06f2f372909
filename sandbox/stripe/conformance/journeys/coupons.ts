import { openSession } from './checkout.ts'
import { type Journey, refused } from './traveller.ts'

export const coupons: Journey = {
  name: 'coupons come, are redeemed, are used up and go',
  async go({ stripe, control }) {
    const product = await stripe.products.create({ name: 'Field notes' })
    const share = await stripe.coupons.create({
      percent_off: 20,
      name: 'Spring',
      metadata: { campaign: 'spring' },
      max_redemptions: 1,
      redeem_by: Math.floor(Date.now() / 1000) + 86_400,
      duration: 'repeating',
      duration_in_months: 2,
      applies_to: { products: [product.id] },
      expand: ['applies_to'],
    })
    const amount = await stripe.coupons.create({
      id: 'TEN-OFF',
      amount_off: 1000,
      currency: 'eur',
      currency_options: { usd: { amount_off: 1100 } },
      expand: ['currency_options'],
    })
    await stripe.coupons.update(amount.id, { name: 'Ten off', metadata: { campaign: 'x' } })
    await stripe.coupons.retrieve(share.id, { expand: ['applies_to'] })
    await stripe.coupons.list({ limit: 5 })

    const line = { price_data: { currency: 'eur', unit_amount: 1250, product: product.id } }
    const sessions = [
      await openSession(stripe, {
        line_items: [
          { ...line, quantity: 1 },
          { ...line, quantity: 2 },
        ],
        discounts: [{ coupon: share.id }],
        expand: ['total_details.breakdown', 'line_items.data.discounts', 'discounts.coupon'],
      }),
      await openSession(stripe, { discounts: [{ coupon: amount.id }] }),
    ]
    const everything = await stripe.coupons.create({ percent_off: 100 })
    sessions.push(await openSession(stripe, { discounts: [{ coupon: everything.id }] }))
    for (const session of sessions) {
      await control('pay', { session: session.id })
      await stripe.checkout.sessions.retrieve(session.id, { expand: ['total_details.breakdown'] })
      await stripe.checkout.sessions.listLineItems(session.id, {
        expand: ['data.discounts', 'data.taxes'],
      })
    }
    await refused(openSession(stripe, { discounts: [{ coupon: share.id }] }), 400)
    await refused(openSession(stripe, { discounts: [{ coupon: 'NONE' }] }), 400)
    await stripe.coupons.del(amount.id)
    await refused(stripe.coupons.retrieve(amount.id), 404)
  },
}
