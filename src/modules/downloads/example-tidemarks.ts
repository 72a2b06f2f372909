/** Twenty-four small marks, each drawn with one even stroke in a square of 48. */
const marks: readonly (readonly [name: string, path: string])[] = [
  [
    'sun',
    'M24 14a10 10 0 1 0 .01 0M24 4v4M24 40v4M4 24h4M40 24h4M10 10l3 3M35 35l3 3M38 10l-3 3M13 35l-3 3',
  ],
  ['moon', 'M32 8a17 17 0 1 0 0 32A20 20 0 0 1 32 8'],
  ['wave', 'M4 26q5-8 10 0t10 0 10 0 10 0'],
  ['swell', 'M4 18q5-8 10 0t10 0 10 0 10 0M4 32q5-8 10 0t10 0 10 0 10 0'],
  ['horizon', 'M4 30h40M12 30a12 12 0 0 1 24 0M10 38h28'],
  ['tideline', 'M4 14q10 8 20 0t20 0M8 24q8 6 16 0t16 0M12 34q6 4 12 0t12 0'],
  ['sail', 'M22 6v30M22 8c10 6 14 14 16 26H22M18 14l-8 20h8M6 40h36'],
  ['gull', 'M4 26q10-14 20 0q10-14 20 0'],
  ['buoy', 'M18 34l3-20h6l3 20M24 14V6M14 34h20a10 8 0 0 1-20 0'],
  ['shell', 'M24 40L6 20a18 14 0 0 1 36 0L24 40V8M24 40L14 10M24 40l10-30'],
  ['stone', 'M10 34c-6-4-3-16 6-19s22 1 23 10-4 11-13 12-11 0-16-3'],
  [
    'cairn',
    'M12 40h24c4 0 4-8-1-8H13c-5 0-5 8-1 8M16 32c-4 0-4-8 0-8h16c4 0 4 8 0 8M20 24c-3 0-3-8 0-8h8c3 0 3 8 0 8',
  ],
  ['net', 'M8 8l32 32M24 8l16 16M8 24l16 16M40 8L8 40M24 8L8 24M40 24L24 40'],
  ['knot', 'M4 30c12 0 14-16 24-16a8 8 0 0 1 0 16c-10 0-12-16-24-16M28 30h16'],
  ['anchor', 'M24 16v26M24 6a5 5 0 1 0 .01 0M15 22h18M8 30c1 8 8 12 16 12s15-4 16-12'],
  ['star', 'M24 6v36M6 24h36M12 12l24 24M36 12L12 36'],
  ['light', 'M19 42l2-26h6l2 26zM20 16v-6h8v6M24 10V5M32 12l10-4M32 16l10 4M16 12L6 8M16 16L6 20'],
  ['rope', 'M6 18c6 0 6 12 12 12s6-12 12-12 6 12 12 12M6 30c6 0 6-12 12-12s6 12 12 12 6-12 12-12'],
  ['fish', 'M6 24c8-12 22-12 30 0-8 12-22 12-30 0M36 24l8-8v16zM14 22v.1'],
  ['reed', 'M24 44V8M24 20c-8-2-10-8-10-14 8 2 10 8 10 14M24 30c8-2 10-8 10-14-8 2-10 8-10 14'],
  ['rain', 'M12 8l-4 12M24 8l-4 12M36 8l-4 12M16 26l-4 12M28 26l-4 12M40 26l-4 12'],
  ['wind', 'M4 18h24a6 6 0 1 0-6-6M4 26h34a6 6 0 1 1-6 6M4 34h16'],
  ['ladder', 'M14 6v36M34 6v36M14 14h20M14 24h20M14 34h20'],
  ['bell', 'M10 36c4-4 4-8 4-14a10 10 0 0 1 20 0c0 6 0 10 4 14zM20 42h8M24 12V6'],
]

const stroke =
  'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'

/** The first edition had no rain, wind, ladder and bell, and its gull flew lower. */
const ofFirstEdition: typeof marks = marks
  .slice(0, 20)
  .map(([name, path]) => [name, name === 'gull' ? 'M4 30q10-10 20 0q10-10 20 0' : path])

/** What an edition holds: '1' or '1.1'. */
function edition(label: string): typeof marks {
  return label === '1' ? ofFirstEdition : marks
}

/** All marks on one sheet, for looking, printing and taking apart in a drawing program. */
export function tidemarksSheet(label: string): Uint8Array {
  const drawn = edition(label).map(([name, path], at) => {
    const x = 48 + (at % 6) * 96
    const y = 40 + Math.floor(at / 6) * 116
    return (
      `<g id="${name}" transform="translate(${x} ${y})"><path ${stroke} d="${path}"/>` +
      `<text x="24" y="70" font-family="Georgia, serif" font-size="11" text-anchor="middle" fill="currentColor">${name}</text></g>`
    )
  })
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="624" height="520" viewBox="0 0 624 520" color="#20262b"><title>Tidemarks</title>\n${drawn.join('\n')}\n</svg>\n`,
  )
}

/** The same marks as symbols, for web pages: <svg><use href="tidemarks-web.svg#gull"/></svg> */
export function tidemarksSymbols(label: string): Uint8Array {
  const symbols = edition(label).map(
    ([name, path]) =>
      `<symbol id="${name}" viewBox="0 0 48 48"><path ${stroke} d="${path}"/></symbol>`,
  )
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`)
}

/** One mark as the background of list items, ready to paste. */
export function tidemarkBullet(name: string): string {
  const path = marks.find((mark) => mark[0] === name)?.[1]
  if (path === undefined) throw new RangeError(`There is no tidemark called ${name}.`)
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><path ${stroke} d="${path}"/></svg>`
  return [
    `.${name}-list {`,
    '  padding-left: 0;',
    '  list-style: none;',
    '}',
    `.${name}-list li::before {`,
    "  content: '';",
    '  display: inline-block;',
    '  width: 1.2em;',
    '  height: 1.2em;',
    '  margin-right: 0.5em;',
    '  vertical-align: -0.25em;',
    '  background: currentColor;',
    `  mask: url('data:image/svg+xml,${encodeURIComponent(picture).replace(/'/g, '%27')}') center / contain no-repeat;`,
    '}',
  ].join('\n')
}
