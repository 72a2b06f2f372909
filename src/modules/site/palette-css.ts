import type { Hex } from '#modules/platform/oklch.ts'
import type { Ground } from './front-sections.ts'
import {
  defaultBrand,
  defaultPaper,
  onBrand,
  paletteOf,
  roles,
  type Palette,
  type Paper,
} from './palette.ts'

/**
 * A palette as custom properties: --bg, --text ... Each holds both schemes; `color-scheme` of the element
 * decides which one shows, so a dark corner in a light page is one line of CSS. Browsers without
 * light-dark() (before 2024) get the light scheme alone. The selector counts twice because the stylesheet with
 * the default colours may come later in the page.
 */
export function paletteCss(palette: Palette, selector = ':root:root'): string {
  const light = roles.map((role) => `--${role}:${palette.light[role]}`).join(';')
  const both = roles
    .map((role) => `--${role}:light-dark(${palette.light[role]},${palette.dark[role]})`)
    .join(';')
  return `${selector}{${light}}@supports (color:light-dark(red,red)){${selector}{${both}}}`
}

/** What platform/ui/palette.css holds; written by scripts/palette.ts and compared by palette.test.ts. */
export function defaultPaletteStylesheet(): string {
  const palette = paletteOf(defaultBrand, defaultPaper)
  const lines = (value: (role: (typeof roles)[number]) => string, indent: string) =>
    roles.map((role) => `${indent}--${role}: ${value(role)};\n`).join('')
  return (
    '/* Made by `node scripts/palette.ts` from site/palette.ts; do not edit. */\n' +
    `:root {\n${lines((role) => palette.light[role], '  ')}}\n` +
    '@supports (color: light-dark(red, red)) {\n' +
    `  :root {\n${lines((role) => `light-dark(${palette.light[role]}, ${palette.dark[role]})`, '    ')}  }\n}\n`
  )
}

/**
 * What the grounds of the front page's sections need, for a style element: only those that occur. A dark section keeps its night
 * on a light page; on a dark one it stands nearer, as what is raised does.
 */
export function groundsCss(brand: Hex, paper: Paper, used: ReadonlySet<Ground>): string {
  const palette = paletteOf(brand, paper)
  const dark = `.ground-dark{--ground:light-dark(${palette.dark.bg},${palette.dark.raised})}.ground-dark>*{color-scheme:dark;color:var(--text)}`
  return [
    used.has('tint') ? '.ground-tint{--ground:var(--surface)}' : '',
    // Browsers without light-dark() know one scheme: there a dark section is a plain one.
    used.has('dark') ? `@supports (color:light-dark(red,red)){${dark}}` : '',
    used.has('brand')
      ? `${paletteCss(onBrand(brand, paper), '.ground-brand.ground-brand')}.ground-brand{--ground:var(--bg);color:var(--text)}`
      : '',
  ].join('')
}
