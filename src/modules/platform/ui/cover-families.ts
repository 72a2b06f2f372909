import type { Hex } from '../oklch.ts'

/** Ground and the inks on it, strongest first. */
export interface Inks {
  readonly ground: Hex
  /** The ground's own colour, a step away from it. */
  readonly quiet: Hex
  readonly first: Hex
  readonly second: Hex
  readonly third: Hex
  readonly fourth: Hex
}

/** What a family draws with. All coordinates are whole numbers: shorter, and sharp at small sizes. */
export interface Draw {
  readonly width: number
  readonly height: number
  readonly inks: Inks
  readonly random: () => number
  readonly between: (least: number, most: number) => number
  readonly pick: <Item>(list: readonly Item[]) => Item
}

type Family = (draw: Draw) => string

const path = (fill: Hex, d: string) => `<path fill="${fill}" d="${d}"/>`
const disc = (fill: Hex, x: number, y: number, r: number) =>
  `<circle fill="${fill}" cx="${x}" cy="${y}" r="${r}"/>`
const stroke = (colour: Hex, width: number, d: string) =>
  `<path fill="none" stroke="${colour}" stroke-width="${width}" d="${d}"/>`

/** Waves before a low sun, two or three of them. */
const tide: Family = ({ width, height, inks, between, pick }) => {
  const sun = disc(
    pick([inks.first, inks.first, inks.fourth]),
    between(width * 0.2, width * 0.8),
    between(80, 150),
    between(44, 92),
  )
  const swell = between(10, 34)
  const step = between(40, 62)
  const top = between(140, 175)
  const order = pick([
    [inks.third, inks.fourth, inks.second],
    [inks.quiet, inks.third, inks.second],
    [inks.second, inks.third],
    [inks.fourth, inks.second],
  ])
  const bands = order.map((ink, at) => {
    const y = top + at * step
    const half = Math.round(width / pick([1.5, 2, 3, 4]))
    const lift = at % 2 ? swell : -swell
    return path(
      ink,
      `M0 ${y}q${half >> 1} ${lift * 2} ${half} 0t${half} 0 ${half} 0 ${half} 0V${height}H0z`,
    )
  })
  return sun + bands.join('')
}

/** Quarter circles in a grid, some whole, some left out. */
const tiles: Family = ({ width, height, inks, between, random, pick }) => {
  const rows = pick([2, 3])
  const side = height / rows
  // One path an ink keeps a wide grid short.
  const shapes = new Map<Hex, string>()
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < width; x += side) {
      const y = row * side
      const ink = pick([inks.first, inks.second, inks.third, inks.fourth])
      const kind = between(0, 5)
      if (kind === 5 || random() < 0.12) continue
      const arc = `a${side} ${side} 0 0`
      const half = side / 2
      const shape = [
        `M${x} ${y}h${side}${arc} 1-${side} ${side}z`,
        `M${x + side} ${y}v${side}${arc} 1-${side}-${side}z`,
        `M${x} ${y + side}v-${side}${arc} 1 ${side} ${side}z`,
        `M${x} ${y + side}${arc} 1 ${side}-${side}v${side}z`,
        `M${x} ${y + half}a${half} ${half} 0 0 1 ${side} 0a${half} ${half} 0 0 1-${side} 0z`,
      ][kind]
      shapes.set(ink, (shapes.get(ink) ?? '') + (shape ?? ''))
    }
  }
  return [...shapes].map(([ink, d]) => path(ink, d)).join('')
}

/** A row of spines, some leaning on the rest. */
const spines: Family = ({ width, height, inks, between, pick }) => {
  const colours = [inks.first, inks.second, inks.third, inks.fourth]
  const floor = height - between(24, 44)
  let out = ''
  let x = between(width * 0.08, width * 0.2)
  let last: Hex | undefined
  while (x < width * 0.84) {
    const thick = between(22, 52)
    const tall = between(110, 215)
    const ink = pick(colours.filter((colour) => colour !== last))
    last = ink
    out += path(ink, `M${x} ${floor}v-${tall}h${thick}v${tall}z`)
    if (thick > 34) out += path(inks.ground, `M${x} ${floor - tall + 22}h${thick}v5h-${thick}z`)
    x += thick + pick([0, 0, 3, 14])
  }
  return out + path(inks.second, `M0 ${floor}h${width}v6H0z`)
}

/** Rings around a point out of the middle, and a body on one of them. */
const orbits: Family = ({ width, inks, between, pick }) => {
  const x = between(width * 0.3, width * 0.7)
  const y = between(110, 190)
  const step = pick([26, 32, 38])
  let out = disc(inks.first, x, y, step)
  for (let ring = 2; ring < 8; ring++) {
    out += `<circle fill="none" stroke="${ring % 3 ? inks.second : inks.fourth}" stroke-width="${ring % 3 ? 3 : 9}" cx="${x}" cy="${y}" r="${ring * step}"/>`
  }
  for (const [ring, r, ink] of [
    [3, 20, inks.third],
    [5, 11, inks.first],
  ] as const) {
    const angle = between(0, 628) / 100
    out += disc(
      ink,
      Math.round(x + Math.cos(angle) * ring * step),
      Math.round(y + Math.sin(angle) * ring * step),
      r,
    )
  }
  return out
}

/** Leaves cut from paper, on one stem. */
const leaves: Family = ({ width, height, inks, between, pick }) => {
  const colours = [inks.first, inks.second, inks.third]
  const x = between(width * 0.42, width * 0.58)
  const first = between(0, 2)
  let out = stroke(inks.second, 5, `M${x} ${height}C${x - 20} 210 ${x + 22} 120 ${x} 34`)
  for (let at = 0; at < 6; at++) {
    const side = at % 2 ? 1 : -1
    const long = between(96, 150) - at * 7
    const up = between(36, 62)
    const to = (part: number) => Math.round(side * long * part)
    out += path(
      colours[(at + first) % 3] ?? inks.first,
      `M${x} ${262 - at * 40}c${to(0.2)} ${-up} ${to(0.7)} ${-up} ${to(1)} ${-up - 8}c${to(-0.05)} ${up >> 1} ${to(-0.5)} ${up + 16} ${to(-1)} ${up + 8}z`,
    )
  }
  const away = pick([0.14, 0.86])
  return out + disc(inks.fourth, Math.round(width * away), between(56, 84), between(24, 44))
}

/** Rays of one colour from a point on the edge. */
const rays: Family = ({ width, height, inks, between, pick }) => {
  const x = Math.round(width * pick([0, 0.33, 0.5, 1]))
  const count = pick([12, 16, 20])
  const reach = width + height
  const at = (ray: number) => {
    const angle = Math.PI * (ray / count)
    return `${Math.round(x - Math.cos(angle) * reach)} ${Math.round(height - Math.sin(angle) * reach)}`
  }
  let d = ''
  for (let ray = 0; ray < count; ray += 2) d += `M${x} ${height}L${at(ray)} ${at(ray + 1)}z`
  const r = between(80, 130)
  return path(inks.quiet, d) + disc(inks.first, x, height, r) + disc(inks.second, x, height, r >> 1)
}

/** Contour lines of a hill that leans to one side, one height of it filled. */
const contours: Family = ({ width, inks, between, pick }) => {
  const x = between(width * 0.3, width * 0.7)
  const y = between(120, 190)
  const lean = between(6, 12) * pick([1, -1])
  const filled = pick([2, 3, 4])
  let out = ''
  for (let ring = 9; ring >= 1; ring--) {
    const at = `cx="${ring * lean}" rx="${ring * 38}" ry="${ring * 26}"`
    out +=
      ring === filled
        ? `<ellipse fill="${inks.first}" ${at}/>`
        : `<ellipse fill="none" stroke="${ring < filled ? inks.ground : inks.quiet}" stroke-width="5" ${at}/>`
  }
  return `<g transform="translate(${x} ${y}) rotate(${between(-30, 30)})">${out}${disc(inks.fourth, lean, 0, 12)}</g>`
}

/** Two halves of a disc that slid along their cut. */
const halves: Family = ({ width, height, inks, between, pick }) => {
  const r = between(88, 120)
  const slide = between(28, 90)
  const x = Math.round(width / 2)
  const y = height >> 1
  const arc = (sweep: 0 | 1) => `a${r} ${r} 0 0 ${sweep} ${2 * r} 0z`
  const upper = path(inks.first, `M${x - r - (slide >> 1)} ${y}${arc(1)}`)
  const lower = path(inks.second, `M${x - r + (slide >> 1)} ${y}${arc(0)}`)
  const band = path(inks.third, `M${-width} ${y}h${3 * width}v${2 * height}h${-3 * width}z`)
  const point = disc(
    inks.fourth,
    Math.round(width * pick([0.12, 0.88])),
    between(40, 80),
    between(14, 26),
  )
  return `<g transform="rotate(${pick([0, 0, -18, 24])} ${x} ${y})">${pick([band, ''])}${upper}${lower}</g>${point}`
}

/** Bars in a rhythm, all from one edge, as a score or a skyline. */
const bars: Family = ({ width, height, inks, between, pick }) => {
  const colours = [inks.first, inks.second, inks.third, inks.second, inks.fourth]
  const lies = pick([true, false])
  const [along, across] = lies ? [height, width] : [width, height]
  let out = ''
  let at = between(12, 24)
  for (let bar = between(0, 4), most = bar + 16; at < along - 16 && bar < most; bar++) {
    const thick = Math.min(along - at, pick([8, 8, 14, 26, 26, 44]))
    const long = Math.round(across * pick([0.3, 0.45, 0.62, 0.78, 0.9]))
    const ink = colours[bar % 5] ?? inks.first
    out += path(
      ink,
      lies ? `M0 ${at}h${long}v${thick}H0z` : `M${at} ${height}h${thick}v${-long}h${-thick}z`,
    )
    at += thick + pick([8, 14, 14])
  }
  return out
}

/** A window with many panes, something round behind it. */
const panes: Family = ({ width, height, inks, between, pick }) => {
  const columns = pick([3, 4, 5])
  const rows = pick([2, 3])
  const x = Math.round(width * 0.12)
  const y = 36
  const wide = width - 2 * x
  const tall = height - 2 * y
  const cell = (column: number, row: number, ink: Hex) =>
    path(
      ink,
      `M${Math.round(x + (wide / columns) * column)} ${Math.round(y + (tall / rows) * row)}h${Math.round(wide / columns)}v${Math.round(tall / rows)}h-${Math.round(wide / columns)}z`,
    )
  let d = `M${x} ${y}h${wide}v${tall}h-${wide}z`
  for (let column = 1; column < columns; column++)
    d += `M${Math.round(x + (wide / columns) * column)} ${y}v${tall}`
  for (let row = 1; row < rows; row++) d += `M${x} ${Math.round(y + (tall / rows) * row)}h${wide}`
  return (
    cell(between(0, columns - 1), between(0, rows - 1), inks.fourth) +
    disc(inks.first, between(x + 80, width - x - 80), between(120, 180), between(56, 82)) +
    cell(between(0, columns - 1), between(0, rows - 1), inks.third) +
    stroke(inks.second, 6, d)
  )
}

/** Bands woven over and under. */
const weave: Family = ({ width, height, inks, between, pick }) => {
  const side = pick([34, 44, 56])
  const gap = pick([10, 14, 18])
  const step = side + gap
  const startX = -between(0, step - 1)
  const startY = -between(0, step - 1)
  let lying = ''
  let standing = ''
  let over = ''
  for (let y = startY; y < height; y += step) lying += `M0 ${y}h${width}v${side}H0z`
  for (let x = startX, column = 0; x < width; x += step, column++) {
    standing += `M${x} 0h${side}v${height}h-${side}z`
    for (let y = startY, row = 0; y < height; y += step, row++) {
      if ((row + column) % 2) over += `M${x} ${y - 1}h${side}v${side + 2}h-${side}z`
    }
  }
  return path(inks.second, standing) + path(inks.first, lying) + path(inks.second, over)
}

/** Two large discs that share a lens. */
const lens: Family = ({ width, height, inks, between, pick }) => {
  const r = between(92, 118)
  const apart = between(50, 80)
  const y = height >> 1
  const x = width >> 1
  const high = Math.round(Math.sqrt(r * r - apart * apart))
  const shared = `M${x} ${y - high}A${r} ${r} 0 0 1 ${x} ${y + high}A${r} ${r} 0 0 1 ${x} ${y - high}z`
  return (
    `<g transform="rotate(${pick([0, -30, 35, 90])} ${x} ${y})">` +
    disc(inks.first, x - apart, y, r) +
    disc(inks.third, x + apart, y, r) +
    path(inks.second, shared) +
    '</g>'
  )
}

/** Steps up to the right or down from the left. */
const steps: Family = ({ width, height, inks, between, pick }) => {
  const count = pick([4, 5, 6])
  const rise = Math.round((height * 0.72) / count)
  const tread = Math.round(width / count)
  let front = `M0 ${height}`
  let back = `M0 ${height - 60}`
  for (let at = 0; at < count; at++) {
    front += `V${height - rise * (at + 1) + 30}h${tread}`
    back += `V${height - rise * (at + 1) - 28}h${tread}`
  }
  const turned = pick(['', `<g transform="matrix(-1 0 0 1 ${width} 0)">`])
  return (
    turned +
    disc(inks.fourth, Math.round(width * 0.26), between(70, 96), between(34, 52)) +
    path(inks.third, `${back}V${height}H0z`) +
    path(inks.first, `${front}V${height}z`) +
    (turned && '</g>')
  )
}

/** Sheets of paper, one with lines, one folded. */
const sheets: Family = ({ width, height, inks, between, pick }) => {
  const middle = width / 2
  const turn = between(5, 13) * pick([1, -1])
  const sheet = (ink: Hex, x: number, y: number, angle: number, extra = '') =>
    `<g transform="translate(${x} ${y}) rotate(${angle})">${path(ink, 'M-74-100H50L74-76V100H-74z')}${extra}</g>`
  const lines = `<path stroke="${inks.ground}" stroke-width="7" d="M-48-48h${between(40, 84)}M-48-18h96M-48 12h96M-48 42h${between(30, 70)}"/>`
  return (
    disc(
      inks.fourth,
      Math.round(middle + (turn > 0 ? -95 : 95)),
      between(80, 110),
      between(54, 74),
    ) +
    sheet(inks.third, Math.round(middle - 46), Math.round(height / 2) + 14, -turn) +
    sheet(inks.first, Math.round(middle + 34), Math.round(height / 2) + between(2, 18), turn, lines)
  )
}

export const families: readonly Family[] = [
  tide,
  tiles,
  spines,
  orbits,
  leaves,
  rays,
  contours,
  halves,
  bars,
  panes,
  weave,
  lens,
  steps,
  sheets,
]
