import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { defaultPaletteStylesheet, paletteCss } from './palette-css.ts'
import { paletteOf } from './palette.ts'

it('the stylesheet of a shop without colours of its own is the one the palette gives (else: node scripts/palette.ts)', () => {
  const file = path.resolve(import.meta.dirname, '../platform/ui/palette.css')
  expect(readFileSync(file, 'utf8')).toBe(defaultPaletteStylesheet())
})

it('writes both schemes, and the light one alone for browsers that know no other way', () => {
  const css = paletteCss(paletteOf('#1f5fa8', 'cool'), '.preview')
  expect(css).toMatch(/^\.preview\{--bg:#[0-9a-f]{6};/)
  expect(css).toContain('--accent:light-dark(#1f5fa8,#')
})

it('outweighs the colours of the stylesheet wherever it stands in the page', () => {
  expect(paletteCss(paletteOf('#1f5fa8', 'cool'))).toMatch(/^:root:root\{/)
})
