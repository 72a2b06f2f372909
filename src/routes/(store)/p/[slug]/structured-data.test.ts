import { expect, test } from 'vitest'
import type { OfferedPrice, ProductDetail } from '#modules/catalog/types.ts'
import { productData } from './structured-data.ts'

const product = (price: Partial<OfferedPrice>): ProductDetail => ({
  id: 'p',
  slug: 'notes',
  kind: 'download',
  title: 'Notes',
  summary: '',
  price: {
    id: 'x',
    minor: 900,
    currency: 'EUR',
    isOpen: false,
    suggestedMinor: undefined,
    ...price,
  },
  cover: undefined,
  isExample: false,
  state: 'live',
  descriptionMd: '',
  gallery: [],
  publishedAt: undefined,
  updatedAt: new Date(0),
  tax: undefined,
  mostPerOrder: 1,
})
const offer = (price: Partial<OfferedPrice>) =>
  productData(product(price), { shop: 'Low Tide', origin: 'https://shop.example', description: '' })

test('search engines are told the price in figures and its currency', () => {
  expect(offer({})).toMatchObject({
    offers: { price: '9.00', priceCurrency: 'EUR', url: 'https://shop.example/p/notes' },
  })
  expect(JSON.stringify(offer({}))).not.toContain('minPrice')
})

test('what costs nothing has the price 0, and a price that buyers choose tells its least', () => {
  expect(offer({ minor: 0 })).toMatchObject({ offers: { price: '0.00' } })
  expect(offer({ minor: 300, isOpen: true, suggestedMinor: 600 })).toMatchObject({
    offers: { price: '3.00', priceSpecification: { minPrice: '3.00', priceCurrency: 'EUR' } },
  })
})
