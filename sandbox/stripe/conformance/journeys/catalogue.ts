import { type Journey, refused } from './traveller.ts'

export const catalogue: Journey = {
  name: 'products and prices come, change and go',
  async go({ stripe }) {
    const product = await stripe.products.create({
      name: 'Field notes',
      description: 'A printed booklet',
      images: ['https://shop.example/notes.jpg'],
      url: 'https://shop.example/notes',
      unit_label: 'copy',
      statement_descriptor: 'FIELD NOTES',
      shippable: true,
      package_dimensions: { height: 1.5, length: 20, weight: 9, width: 14 },
      marketing_features: [{ name: 'Sewn binding' }],
      metadata: { shelf: '3' },
      tax_code: 'txcd_35010000',
      default_price_data: { currency: 'eur', unit_amount: 1800 },
      expand: ['default_price'],
    })
    await stripe.products.update(product.id, { description: '', metadata: { shelf: '' } })
    await stripe.products.retrieve(product.id)
    await stripe.products.list({ active: true, limit: 2 })
    await stripe.products.search({ query: "name~'Field'" })

    const price = await stripe.prices.create({
      product: product.id,
      currency: 'eur',
      unit_amount: 2400,
      nickname: 'With postage',
      lookup_key: 'notes-post',
      tax_behavior: 'inclusive',
      metadata: { plan: 'a' },
    })
    await stripe.prices.create({
      product_data: { name: 'Letters' },
      currency: 'eur',
      unit_amount: 500,
      recurring: { interval: 'month' },
    })
    await stripe.prices.update(price.id, { nickname: 'Posted', active: false })
    await stripe.prices.retrieve(price.id, { expand: ['product', 'currency_options'] })
    await stripe.prices.list({ product: product.id, expand: ['data.product'] })
    await stripe.prices.search({ query: "active:'true'" })

    const spare = await stripe.products.create({ name: 'Mistake' })
    await stripe.products.del(spare.id)
    await refused(stripe.products.retrieve(spare.id), 404)
    await refused(stripe.products.update(spare.id, { name: 'Ghost' }), 404)
    await refused(stripe.products.del(spare.id), 404)
    await refused(stripe.products.retrieve('prod_none'), 404)
    await refused(
      stripe.prices.create({ currency: 'eur', unit_amount: 1, product: 'prod_none' }),
      400,
    )
  },
}
