import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contrast, type Hex } from '#modules/platform/oklch.ts'
import { onBrand, pairs, paletteOf, papers, roles, type Paper, type Scheme } from './palette.ts'

function tooFaint(scheme: Scheme): string[] {
  return pairs.flatMap(({ ink, on, least }) =>
    on
      .filter((ground) => contrast(scheme[ink], scheme[ground]) < least)
      .map(
        (ground) =>
          `${ink} ${scheme[ink]} on ${ground} ${scheme[ground]}: ${contrast(scheme[ink], scheme[ground]).toFixed(2)} < ${least}`,
      ),
  )
}

const hex = fc
  .integer({ min: 0, max: 0xffffff })
  .map((n): Hex => `#${n.toString(16).padStart(6, '0')}`)

describe('a palette', () => {
  const hard: Hex[] = [
    '#ffff00',
    '#777777',
    '#000000',
    '#ffffff',
    '#00ff00',
    '#0000ff',
    '#ff00ff',
    '#767676',
    '#b4472e',
  ]
  for (const brand of hard)
    for (const paper of papers)
      it(`is readable, light and dark, for the brand ${brand} on ${paper} paper`, () => {
        const palette = paletteOf(brand, paper)
        expect(tooFaint(palette.light)).toEqual([])
        expect(tooFaint(palette.dark)).toEqual([])
      })

  it('is readable, light and dark, for any brand colour', () => {
    fc.assert(
      fc.property(hex, fc.constantFrom<Paper>(...papers), (brand, paper) => {
        const palette = paletteOf(brand, paper)
        expect(tooFaint(palette.light)).toEqual([])
        expect(tooFaint(palette.dark)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the brand itself as the fill of the main action where its letters can be read', () => {
    for (const brand of ['#b4472e', '#1f5fa8', '#ffff00', '#000000', '#2e7d4f'] as const)
      expect(paletteOf(brand, 'warm').light.accent).toBe(brand)
  })

  it('makes what is nearer lighter in the dark, and never uses pure black', () => {
    const { dark } = paletteOf('#b4472e', 'warm')
    expect(contrast(dark.bg, '#000000')).toBeGreaterThan(1.1)
    expect(contrast(dark.raised, '#000000')).toBeGreaterThan(contrast(dark.surface, '#000000'))
    expect(contrast(dark.surface, '#000000')).toBeGreaterThan(contrast(dark.bg, '#000000'))
  })

  it('gives every role a colour of the stored form', () => {
    const palette = paletteOf('#123abc', 'cool')
    for (const role of roles) {
      expect(palette.light[role]).toMatch(/^#[0-9a-f]{6}$/)
      expect(palette.dark[role]).toMatch(/^#[0-9a-f]{6}$/)
    }
  })
})

describe('a section on the brand’s colour', () => {
  it('is readable, light and dark, for any brand colour', () => {
    fc.assert(
      fc.property(
        fc.oneof(hex, fc.constantFrom<Hex>('#ffff00', '#777777', '#000000', '#ffffff', '#767676')),
        fc.constantFrom<Paper>(...papers),
        (brand, paper) => {
          const palette = onBrand(brand, paper)
          for (const scheme of [palette.light, palette.dark])
            for (const { ink, on, least } of pairs)
              for (const ground of on)
                expect(contrast(scheme[ink], scheme[ground])).toBeGreaterThanOrEqual(
                  Math.min(least, 4.5),
                )
        },
      ),
      { numRuns: 500 },
    )
  })

  it('stands on the brand itself by day and on a deep shade of it by night', () => {
    expect(onBrand('#e6007e', 'warm').light.bg).toBe(paletteOf('#e6007e', 'warm').light.accent)
    expect(contrast(onBrand('#f4e3a1', 'warm').dark.bg, '#ffffff')).toBeGreaterThan(7)
  })
})

it('a dark section’s grounds are ones on which the dark palette is readable', () => {
  // groundsCss takes them from the palette's own roles, for which `pairs` holds.
  for (const { ink, on } of pairs.filter((pair) => pair.ink === 'text' || pair.ink === 'muted'))
    expect(on, ink).toEqual(expect.arrayContaining(['bg', 'raised', 'surface']))
})
