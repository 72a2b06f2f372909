import { defaultBrand, defaultPaper, paletteOf, roles, type Palette } from './palette.ts'

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
