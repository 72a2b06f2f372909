import { type Journey, refused } from './traveller.ts'

export const customers: Journey = {
  name: 'a customer comes, changes, has cards and is deleted',
  async go({ stripe }) {
    const address = {
      line1: 'Lange Gasse 4',
      line2: 'Stiege 2',
      city: 'Wien',
      postal_code: '1080',
      state: 'Wien',
      country: 'AT',
    }
    const customer = await stripe.customers.create({
      email: 'reader@example.com',
      name: 'A Reader',
      phone: '+43 1 234567',
      description: 'Came by letter',
      address,
      shipping: { name: 'A Reader', phone: '+43 1 234567', address },
      preferred_locales: ['de', 'en'],
      tax_exempt: 'none',
      invoice_prefix: 'READER',
      metadata: { user: '17' },
    })
    await stripe.customers.update(customer.id, { name: 'Another Reader', address: '' })
    await stripe.customers.retrieve(customer.id)
    await stripe.customers.list({ email: 'reader@example.com', created: { gte: 1 } })
    await stripe.customers.search({ query: "email:'reader@example.com'" })

    const method = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })
    await stripe.paymentMethods.attach(method.id, { customer: customer.id })
    await stripe.paymentMethods.update(method.id, { metadata: { kept: 'yes' } })
    await stripe.paymentMethods.retrieve(method.id, { expand: ['customer'] })
    await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })
    await stripe.customers.listPaymentMethods(customer.id)
    await stripe.customers.retrievePaymentMethod(customer.id, method.id)
    await stripe.customers.update(customer.id, {
      invoice_settings: { default_payment_method: method.id },
    })
    await stripe.paymentMethods.detach(method.id)

    await stripe.customers.del(customer.id)
    await stripe.customers.retrieve(customer.id)
    await refused(stripe.customers.update(customer.id, { name: 'Nobody' }), 404)
    await refused(stripe.customers.retrieve('cus_none'), 404)
    for await (const _ of stripe.customers.list({ limit: 1 })) break
  },
}
