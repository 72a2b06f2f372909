import { expect, test } from 'vitest'
import { firstLook, looksSoFar, mostLooks, nextLook } from './looks.ts'

const at = (query: string) => new URL(`http://shop.test/checkout/1?${query}`)

test('a page without script asks again and keeps its proof in the address', () => {
  expect(nextLook(at('t=abc'))).toBe('/checkout/1?t=abc&look=1')
  expect(nextLook(at('t=abc&look=7'))).toBe('/checkout/1?t=abc&look=8')
})

test('it stops asking after its number of tries, and a person may begin again', () => {
  let url = at('t=abc')
  let asked = 0
  for (let next = nextLook(url); next !== undefined; next = nextLook(url)) {
    url = new URL(next, url)
    asked++
  }
  expect(asked).toBe(mostLooks)
  expect(firstLook(url)).toBe('/checkout/1?t=abc')
  expect(firstLook(at(''))).toBe('/checkout/1')
})

test('nonsense in the address counts as the first time', () => {
  for (const query of ['look=-1', 'look=1e9', 'look=99999', 'look=']) {
    expect(looksSoFar(new URLSearchParams(query))).toBe(0)
  }
})
