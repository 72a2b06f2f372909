import { describe, expect, it } from 'vitest'
import { randomIds, seededIds } from './ids.ts'

describe('ids', () => {
  it('look like those of Stripe', () => {
    const ids = randomIds()
    expect(ids.next('cus')).toMatch(/^cus_[0-9A-Za-z]{14}$/)
    expect(ids.next('pi')).toMatch(/^pi_[0-9A-Za-z]{24}$/)
    expect(ids.next('cs_test')).toMatch(/^cs_test_[0-9A-Za-z]{60}$/)
    expect(ids.next('whsec')).toMatch(/^whsec_[0-9A-Za-z]{32}$/)
  })

  it('do not repeat', () => {
    const ids = randomIds()
    const drawn = Array.from({ length: 20_000 }, () => ids.next('cus'))
    expect(new Set(drawn).size).toBe(drawn.length)
  })

  it('of one seed are the same in each run, other for each account, and go on where they stopped', () => {
    const three = (account: string, from: number): string[] => {
      const ids = seededIds(7, account, from)
      return [ids.next('cus'), ids.next('cus'), ids.next('pi')]
    }
    expect(three('acct_a', 0)).toEqual(three('acct_a', 0))
    expect(three('acct_a', 0)).not.toEqual(three('acct_b', 0))
    expect(three('acct_a', 1)[0]).toBe(three('acct_a', 0)[1])
    const ids = seededIds(7, 'acct_a', 5)
    ids.next('cus')
    expect(ids.drawn).toBe(6)
  })
})
