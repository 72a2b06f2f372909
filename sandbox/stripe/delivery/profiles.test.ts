import { describe, expect, it } from 'vitest'
import { waitAfter } from './profiles.ts'

const waits = (profile: 'live' | 'sandbox' | 'test'): number[] => {
  const all: number[] = []
  for (let failed = 1; ; failed += 1) {
    const wait = waitAfter(profile, failed, 0.5)
    if (wait === undefined) return all
    all.push(wait)
  }
}

describe('failed deliveries are tried again', () => {
  it('in live mode 16 times in all, over about three days, ever more slowly', () => {
    const all = waits('live')
    expect(all).toHaveLength(15)
    const days = all.reduce((sum, one) => sum + one, 0) / 86_400_000
    expect(days).toBeGreaterThan(2.5)
    expect(days).toBeLessThan(3.2)
    expect(all).toEqual([...all].sort((a, b) => a - b))
  })

  it('in a sandbox three times over a few hours', () => {
    const all = waits('sandbox')
    expect(all).toHaveLength(2)
    expect(all.reduce((sum, one) => sum + one, 0) / 3_600_000).toBeLessThan(6)
  })

  it('in tests after 0.2, 1 and 5 seconds', () => {
    expect(waits('test')).toEqual([200, 1_000, 5_000])
  })

  it('with a spread of a tenth either way', () => {
    expect(waitAfter('test', 2, 0)).toBe(900)
    expect(waitAfter('test', 2, 1)).toBe(1_100)
  })
})
