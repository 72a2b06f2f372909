import type Stripe from 'stripe'
import { card, type Journey, refused, type Traveller } from './traveller.ts'

/** An open session for one booklet, priced on the spot. */
export function openSession(
  stripe: Stripe,
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Checkout.Session> {
  return stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      {
        quantity: 2,
        price_data: {
          currency: 'eur',
          unit_amount: 1250,
          product_data: { name: 'Field notes', metadata: { sku: 'fn' } },
        },
      },
    ],
    success_url: 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/basket',
    ...more,
  })
}

/** A session paid by card, and the charge of it. */
export async function sale(
  { stripe, control }: Traveller,
  number: string = card.visa,
): Promise<Stripe.Charge> {
  const session = await openSession(stripe, { customer_email: 'buyer@example.com' })
  await control('pay', { session: session.id, card: number })
  const paid = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ['line_items.data.price.product', 'payment_intent.latest_charge.balance_transaction'],
  })
  const intent = paid.payment_intent
  if (typeof intent !== 'object' || intent === null || typeof intent.latest_charge !== 'object') {
    throw new Error('The paid session expanded no charge')
  }
  if (!intent.latest_charge) throw new Error('The paid session has no charge')
  return intent.latest_charge
}

export const cardSale: Journey = {
  name: 'a sale by card',
  async go(traveller) {
    const { stripe, control } = traveller
    const customer = await stripe.customers.create({ email: 'known@example.com', name: 'Known' })
    const session = await openSession(stripe, {
      customer: customer.id,
      client_reference_id: 'order-1',
      metadata: { order: '1' },
      payment_intent_data: { metadata: { order: '1' }, description: 'Order 1' },
      expires_at: customer.created + 3600,
      locale: 'de',
      submit_type: 'pay',
    })
    await stripe.checkout.sessions.update(session.id, { metadata: { seen: 'yes' } })
    await control('pay', { session: session.id })
    await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['line_items', 'customer', 'payment_intent.payment_method'],
    })
    await stripe.checkout.sessions.listLineItems(session.id, { limit: 5 })
    await stripe.checkout.sessions.list({ customer: customer.id })
    await refused(stripe.checkout.sessions.expire(session.id), 400)
    await sale(traveller)
  },
}

export const abandonedSale: Journey = {
  name: 'a session that expires, and requests that are wrong',
  async go({ stripe }) {
    const session = await openSession(stripe, {
      after_expiration: { recovery: { enabled: true } },
    })
    await stripe.checkout.sessions.expire(session.id)
    await refused(openSession(stripe, { line_items: [{ price: 'price_none', quantity: 1 }] }), 400)
    await refused(stripe.checkout.sessions.retrieve('cs_test_none'), 404)
    await refused(stripe.checkout.sessions.retrieve(session.id, { expand: ['url'] }), 400)
  },
}

export const delayedSale: Journey = {
  name: 'a bank debit that succeeds later, and one that fails',
  async go({ stripe, control }) {
    for (const outcome of ['succeeded', 'failed']) {
      const session = await openSession(stripe)
      await control('pay', { session: session.id, method: 'bank_debit' })
      await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
      await control('async', { session: session.id, outcome })
      await stripe.checkout.sessions.retrieve(session.id, {
        expand: ['payment_intent.latest_charge'],
      })
    }
  },
}

export const fullSale: Journey = {
  name: 'a sale with all a session can be told',
  async go({ stripe, control }) {
    const address = {
      line1: 'Lange Gasse 4',
      line2: 'Stiege 2',
      city: 'Wien',
      postal_code: '1080',
      state: 'Wien',
      country: 'AT',
    }
    const session = await openSession(stripe, {
      billing_address_collection: 'required',
      customer_creation: 'always',
      customer_email: 'full@example.com',
      custom_text: { submit: { message: 'Sent within two days' } },
      allowed_payment_method_types: ['card'],
      locale: 'de',
      payment_intent_data: {
        description: 'Order 9',
        receipt_email: 'full@example.com',
        setup_future_usage: 'off_session',
        shipping: { name: 'A Reader', phone: '+43 1 234567', address },
        statement_descriptor_suffix: 'NOTES',
        transfer_group: 'ORDER_9',
      },
    })
    await control('pay', { session: session.id, name: 'A Reader', country: 'AT' })
    const paid = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['customer', 'payment_intent.latest_charge.payment_intent'],
    })
    if (typeof paid.customer !== 'object' || !paid.customer) throw new Error('No customer was made')
    await stripe.paymentMethods.list({ customer: paid.customer.id })
  },
}

export const stubbornSale: Journey = {
  name: 'a sale after a declined card and a failed 3D Secure',
  async go({ stripe, control }) {
    const session = await openSession(stripe)
    await control('pay', { session: session.id, card: card.declined })
    await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
    for (const authenticate of ['fail', 'complete']) {
      await control('pay', { session: session.id, card: card.challenged, authenticate })
      await stripe.checkout.sessions.retrieve(session.id, {
        expand: ['payment_intent.latest_charge'],
      })
    }
  },
}
