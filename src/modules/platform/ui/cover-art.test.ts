import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hex } from '../oklch.ts'
import { coverArt } from './cover-art.ts'

const titles = [
  'Weekly planner',
  'Field notes',
  'A kit of marks',
  'Client brief',
  'Ledger',
  'Morning pages',
  'Type specimen',
  'Grid paper',
  'Harbour',
  'Idea Grid',
  'Review session',
  'Quiet hours',
]

describe('a generated cover', () => {
  it('is the same for the same name, brand and ratio', () => {
    expect(coverArt('Ledger', '#b4472e')).toBe(coverArt('Ledger', '#b4472e'))
    // An accent typed in two pieces is the same name.
    expect(coverArt('Cafe\u0301', '#b4472e')).toBe(coverArt('Caf\u00e9', '#b4472e'))
  })

  it('is the same drawing in every ratio, seen through another frame', () => {
    const shapes = (ratio: number) =>
      coverArt('Ledger', '#b4472e', ratio).replace(/viewBox="[^"]*"/, '')
    expect(shapes(1)).toBe(shapes(3 / 2))
  })

  it('differs from each of eleven others, though all share the brand', () => {
    const covers = titles.map((title) => coverArt(title, '#b4472e'))
    expect(new Set(covers).size).toBe(titles.length)
    const shapes = covers.map((cover) =>
      cover.replace(/fill="[^"]*"|stroke="[^"]*"/g, '').replace(/\d+/g, ''),
    )
    expect(new Set(shapes).size).toBeGreaterThanOrEqual(6)
  })

  it('is small, closed and harmless for any name and brand', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 120 }),
        fc.integer({ min: 0, max: 0xffffff }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        (seed, number, ratio) => {
          const brand: Hex = `#${number.toString(16).padStart(6, '0')}`
          const svg = coverArt(seed, brand, ratio)
          expect(svg.length).toBeLessThan(2_000)
          expect(svg).toMatch(
            /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^<>]*>(<(path|circle|ellipse|g|\/g)[^<>]*>)+<\/svg>$/,
          )
          expect(svg).not.toMatch(/NaN|undefined|Infinity|script|href|url\(|\sid=|style/)
          expect(svg.split('<g ').length).toBe(svg.split('</g>').length)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('never carries the name itself', () => {
    expect(coverArt('"><script>alert(1)</script>', '#123456')).not.toContain('alert')
  })
})
