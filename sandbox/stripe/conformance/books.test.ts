import { expect, it } from 'vitest'
import { keepBooks } from './books.ts'

it('[payments 77] 400 days over 20 subscriptions give books that balance to the cent', async () => {
  const books = await keepBooks(20, 400)
  expect(books.faults).toEqual([])
  expect(books.invoices).toBeGreaterThan(200)
  expect(books.collected).toBeGreaterThan(0)
  expect(Object.keys(books.byStatus)).toContain('canceled')
})
