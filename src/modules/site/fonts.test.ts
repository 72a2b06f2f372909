import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { lookInput } from './schemas.ts'
import { familiesOf, fontPairs, fontTokens, fontWords } from './fonts.ts'
import { facesCss, fontsAhead } from './ui/font-files.ts'
import { fontsOf, heroes, heroOf, looks, lookCss, roundnesses, tokensOf } from './looks.ts'

const folder = path.resolve(import.meta.dirname, '../platform/ui/fonts')

test('there are eight pairs, each with words of its own', () => {
  expect(fontPairs).toHaveLength(8)
  expect(new Set(fontPairs.map((pair) => fontWords[pair].label)).size).toBe(8)
})

test.each(fontPairs)('the files of %s are served by the shop and light enough', (pair) => {
  const bytes = familiesOf(pair).map(
    (family) => statSync(path.join(folder, `${family}-latin.woff2`)).size,
  )
  expect(bytes.reduce((one, other) => one + other)).toBeLessThan(50_000)
  for (const family of familiesOf(pair)) {
    expect(existsSync(path.join(folder, `${family}-latin-ext.woff2`))).toBe(true)
  }
  expect(fontsAhead(pair).length).toBeLessThanOrEqual(2)
  for (const [, address] of facesCss(pair).matchAll(/url\('([^']*)'\)/g))
    expect(address).toMatch(/^\/(?!\/)[^'"<>]*\.woff2/)
  expect(facesCss(pair)).not.toMatch(/[<>]/)
})

test('a pair that is chosen brings its weight and tracking, and the look’s own pair nothing', () => {
  expect(fontTokens('archivo', true)).toHaveProperty('--weight-display', '680')
  expect(lookCss({ look: 'warm', density: undefined, head: undefined, fonts: 'newsreader' })).toBe(
    '',
  )
  for (const look of looks)
    for (const fonts of fontPairs) {
      const choices = { look, density: undefined, head: undefined, fonts }
      expect(fontsOf(choices)).toBe(fonts)
      expect(lookCss(choices)).not.toMatch(/[<>@\\]|url\(/)
    }
})

test('corners and openings can be chosen for any look', () => {
  for (const look of looks) {
    for (const roundness of roundnesses)
      expect(tokensOf({ look, density: undefined, head: undefined, roundness })).toMatch(
        /--radius:(?:0|6|12|20)px/,
      )
    for (const hero of heroes)
      expect(heroOf({ look, density: undefined, head: undefined, hero })).toBe(hero)
  }
})

test('a form that names no such font, corner or opening is refused in words', () => {
  const form = { brandColour: '#336688', paper: 'cool', look: 'bold' }
  expect(lookInput.parse({ ...form, fonts: '', roundness: '', hero: '' })).toMatchObject({
    fonts: undefined,
    roundness: undefined,
    hero: undefined,
  })
  for (const field of ['fonts', 'roundness', 'hero']) {
    const parsed = lookInput.safeParse({ ...form, [field]: '<b>' })
    expect(parsed.success).toBe(false)
    expect(parsed.error?.issues[0]?.message).toMatch(/^Choose .*\.$/)
  }
})
