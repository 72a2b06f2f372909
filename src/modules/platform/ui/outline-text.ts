import outlines from './fonts/outlines/generated.json' with { type: 'json' }

const glyphs: Readonly<Record<string, readonly (string | number)[] | undefined>> = outlines.glyphs
const kerning: Readonly<Record<string, number | undefined>> = outlines.kerning
/** Line to line, in parts of the size. */
const leading = 1.08

export interface OutlinedText {
  /** SVG elements with the upper left corner of the text at 0, 0; no fill of their own. */
  readonly paths: string
  readonly lines: number
  /** In the unit of size. */
  readonly height: number
}

/**
 * Sets a text in the display face as shapes: the same on every machine, whatever fonts it has. Breaks lines
 * between words at `width`; what does not fit into `mostLines` ends with an ellipsis. size, width: in the
 * unit of the drawing. Returns undefined when the face lacks one of the letters (it has Latin ones only).
 */
export function outlineText(
  text: string,
  { size, width, mostLines }: { size: number; width: number; mostLines: number },
): OutlinedText | undefined {
  const plain = text.normalize('NFC').replace(/\s+/g, ' ').trim()
  if (plain === '' || [...plain].some((letter) => glyphs[letter] === undefined)) return undefined
  const lines = linesOf(plain, (width / size) * outlines.unitsPerEm, mostLines)
  const scale = size / outlines.unitsPerEm
  const paths = lines
    .map((line, at) => {
      const baseline = outlines.ascent * scale + at * size * leading
      return `<path transform="translate(0 ${baseline.toFixed(1)}) scale(${scale})" d="${pathOf(line)}"/>`
    })
    .join('')
  return { paths, lines: lines.length, height: lines.length * size * leading }
}

function linesOf(text: string, most: number, mostLines: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line ? `${line} ${word}` : word
    if (line && advanceOf(longer) > most) {
      lines.push(line)
      line = word
    } else line = longer
  }
  lines.push(line)
  const kept = lines.slice(0, mostLines)
  return kept.map((one, at) =>
    advanceOf(one) > most || (at === kept.length - 1 && lines.length > mostLines)
      ? shortened(one, most)
      : one,
  )
}

function shortened(line: string, most: number): string {
  let letters = [...line]
  while (letters.length > 1 && advanceOf(`${letters.join('')}…`) > most)
    letters = letters.slice(0, -1)
  return `${letters.join('').trimEnd()}…`
}

function advanceOf(line: string): number {
  return placed(line).end
}

function pathOf(line: string): string {
  return placed(line)
    .letters.map(({ d, x }) => moved(d, x))
    .join('')
}

function placed(line: string): { letters: { d: string; x: number }[]; end: number } {
  const letters: { d: string; x: number }[] = []
  let x = 0
  let before = ''
  for (const letter of line) {
    const [advance, d] = glyphs[letter] ?? [0, '']
    x += kerning[before + letter] ?? 0
    letters.push({ d: String(d), x })
    x += Number(advance)
    before = letter
  }
  return { letters, end: x }
}

/**
 * A path with absolute commands, moved to the right. Every command of the outlines takes pairs, but for H
 * (one x) and V (one y).
 */
function moved(d: string, by: number): string {
  if (d === '') return ''
  return d.replace(/([MLHVQCZ])([^MLHVQCZ]*)/g, (_, command: string, rest: string) => {
    const numbers = rest.match(/-?\d+/g)?.map(Number) ?? []
    const shifted = numbers.map((number, at) =>
      command === 'V' || (command !== 'H' && at % 2 === 1) ? number : number + by,
    )
    return command + shifted.join(' ')
  })
}
