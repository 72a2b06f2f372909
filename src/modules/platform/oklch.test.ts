import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contrast, isHex, toHex, toOklch, type Hex } from './oklch.ts'

describe('colours', () => {
  it('come back as they went, within one step of a channel', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffff }), (number) => {
        const hex: Hex = `#${number.toString(16).padStart(6, '0')}`
        const back = toHex(toOklch(hex))
        for (const at of [1, 3, 5]) {
          const off = Math.abs(
            Number.parseInt(hex.slice(at, at + 2), 16) -
              Number.parseInt(back.slice(at, at + 2), 16),
          )
          expect(off).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
  it('that no screen shows keep their lightness and give up chroma', () => {
    const shown = toOklch(toHex({ lightness: 0.7, chroma: 0.4, hue: 150 }))
    expect(shown.lightness).toBeCloseTo(0.7, 1)
    expect(shown.chroma).toBeLessThan(0.3)
  })
  it('contrast from 1 to 21, whichever comes first', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
    expect(contrast('#ffffff', '#000000')).toBeCloseTo(21)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
  })
  it.each(['#B4472E', 'b4472e', '#b44', 'red', '#b4472e; }', ''])('do not look like %j', (text) =>
    expect(isHex(text)).toBe(false),
  )
})
