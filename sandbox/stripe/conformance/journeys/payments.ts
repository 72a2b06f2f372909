import { type Journey, refused } from './traveller.ts'

export const payments: Journey = {
  name: 'payment intents without checkout',
  async go({ stripe }) {
    const customer = await stripe.customers.create({ name: 'Payer' })
    const intent = await stripe.paymentIntents.create({
      amount: 3100,
      currency: 'eur',
      customer: customer.id,
      description: 'By hand',
      receipt_email: 'payer@example.com',
      statement_descriptor_suffix: 'NOTES',
      metadata: { order: '2' },
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    })
    await stripe.paymentIntents.update(intent.id, { amount: 3200, metadata: { order: '3' } })
    const paid = await stripe.paymentIntents.confirm(intent.id, {
      payment_method: 'pm_card_visa',
      expand: ['latest_charge'],
    })
    await stripe.paymentIntents.retrieve(intent.id, { expand: ['customer', 'payment_method'] })
    await stripe.paymentIntents.list({ customer: customer.id })
    await stripe.paymentIntents.search({ query: "metadata['order']:'3'" })
    if (typeof paid.latest_charge === 'object' && paid.latest_charge) {
      await stripe.charges.retrieve(paid.latest_charge.id, { expand: ['balance_transaction'] })
      await stripe.charges.update(paid.latest_charge.id, { description: 'Looked at' })
    }
    await stripe.charges.list({ customer: customer.id })
    await stripe.charges.search({ query: 'amount>1000' })

    const held = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'eur',
      capture_method: 'manual',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    })
    await stripe.paymentIntents.capture(held.id, { amount_to_capture: 700 })

    const byCharge = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'eur',
      capture_method: 'manual',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    })
    await stripe.charges.capture(
      typeof byCharge.latest_charge === 'string' ? byCharge.latest_charge : '',
    )

    const given = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' })
    await stripe.paymentIntents.cancel(given.id, { cancellation_reason: 'abandoned' })
    await refused(stripe.paymentIntents.confirm(given.id), 400)
    await refused(
      stripe.paymentIntents.create({
        amount: 500,
        currency: 'eur',
        payment_method: 'pm_card_chargeDeclined',
        confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      }),
      402,
    )
    await stripe.paymentIntents.create({
      amount: 500,
      currency: 'eur',
      payment_method: 'pm_card_authenticationRequired',
      confirm: true,
      return_url: 'https://shop.example/back',
    })
    await refused(stripe.paymentIntents.create({ amount: 0, currency: 'eur' }), 400)
  },
}
