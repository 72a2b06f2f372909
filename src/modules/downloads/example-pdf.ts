/** One page: its size in points (1/72 inch, origin at the lower left) and what is drawn on it, made by the functions below. */
export interface PdfPage {
  readonly width: number
  readonly height: number
  readonly marks: readonly string[]
}

export const a4 = { width: 595.28, height: 841.89 } as const
export const letter = { width: 612, height: 792 } as const

const fonts = {
  sans: 'Helvetica',
  bold: 'Helvetica-Bold',
  serif: 'Times-Roman',
  italic: 'Times-Italic',
} as const
export type PdfFont = keyof typeof fonts

const number = (value: number) => Number(value.toFixed(2)).toString()

/** A stroke; grey: 0 black to 1 white. */
export function line(
  from: readonly [number, number],
  to: readonly [number, number],
  width = 0.5,
  grey = 0.55,
): string {
  return `${number(grey)} G ${number(width)} w ${from.map(number).join(' ')} m ${to.map(number).join(' ')} l S`
}

/** A filled rectangle. */
export function block(x: number, y: number, width: number, height: number, grey: number): string {
  return `${number(grey)} g ${[x, y, width, height].map(number).join(' ')} re f`
}

/** A row of dots to write on: kinder to pens than a line. */
export function dots(
  from: readonly [number, number],
  length: number,
  gap = 12,
  grey = 0.6,
): string {
  const to = [from[0] + length, from[1]]
  return `q 1 J [0 ${number(gap)}] 0 d ${number(grey)} G 1 w ${from.map(number).join(' ')} m ${to.map(number).join(' ')} l S Q`
}

/** An outlined circle, as four curves. */
export function circle(x: number, y: number, radius: number, width = 0.75, grey = 0.2): string {
  // The control points that come nearest to a circle lie at 0.5523 of the radius.
  const k = radius * 0.5523
  const point = (dx: number, dy: number) => `${number(x + dx)} ${number(y + dy)}`
  const curves = [
    [k, radius, radius, k, radius, 0],
    [radius, -k, k, -radius, 0, -radius],
    [-k, -radius, -radius, -k, -radius, 0],
    [-radius, k, -k, radius, 0, radius],
  ].map(
    ([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]) =>
      `${point(a, b)} ${point(c, d)} ${point(e, f)} c`,
  )
  return `${number(grey)} G ${number(width)} w ${point(0, radius)} m ${curves.join(' ')} s`
}

/** Words from their left end on the base line; letters of Western Europe. */
export function words(
  x: number,
  y: number,
  text: string,
  style: { readonly size?: number; readonly font?: PdfFont; readonly grey?: number } = {},
): string {
  const { size = 9, font = 'sans', grey = 0.15 } = style
  return `BT ${number(grey)} g /${font} ${number(size)} Tf ${number(x)} ${number(y)} Td (${escaped(text)}) Tj ET`
}

/** WinAnsi has the letters of Latin-1 where they are, and the signs of good typesetting in places of its own. */
const winAnsi: Readonly<Record<string, number>> = {
  '€': 0x80,
  '…': 0x85,
  '‘': 0x91,
  '’': 0x92,
  '“': 0x93,
  '”': 0x94,
  '•': 0x95,
  '–': 0x96,
  '—': 0x97,
}

function escaped(text: string): string {
  return [...text]
    .map((sign) => {
      const code = winAnsi[sign] ?? sign.charCodeAt(0)
      if (code > 255) throw new RangeError(`The standard fonts have no ${sign}.`)
      if (sign === '(' || sign === ')' || sign === '\\') return `\\${sign}`
      return code < 127 ? sign : `\\${code.toString(8).padStart(3, '0')}`
    })
    .join('')
}

/**
 * A PDF of these pages, set in the fonts that every reader has; small enough to be made when it is needed. The same
 * pages give the same bytes. Source: ISO 32000-1 (PDF 1.4 features only).
 */
export function pdfOf(title: string, pages: readonly PdfPage[]): Uint8Array {
  const objects: string[] = []
  const add = (body: string) => objects.push(body)
  const firstPage = 3 + Object.keys(fonts).length
  const kids = pages.map((_, at) => `${firstPage + 2 * at} 0 R`)
  const fontNames = Object.keys(fonts).map((font, at) => `/${font} ${3 + at} 0 R`)
  add('<< /Type /Catalog /Pages 2 0 R >>')
  add(`<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${pages.length} >>`)
  for (const name of Object.values(fonts))
    add(`<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`)
  pages.forEach((page, at) => {
    const content = page.marks.join('\n')
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${number(page.width)} ${number(page.height)}] ` +
        `/Resources << /Font << ${fontNames.join(' ')} >> >> /Contents ${firstPage + 2 * at + 1} 0 R >>`,
    )
    add(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`)
  })
  add(`<< /Title (${escaped(title)}) >>`)

  let text = '%PDF-1.4\n'
  const offsets = objects.map((body, at) => {
    const offset = text.length
    text += `${at + 1} 0 obj\n${body}\nendobj\n`
    return offset
  })
  const start = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const offset of offsets) text += `${String(offset).padStart(10, '0')} 00000 n \n`
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}
