import { toHex, toOklch, type Hex } from '../oklch.ts'
import { families, type Draw, type Inks } from './cover-families.ts'

/** All covers are drawn in this frame; another ratio shows a part of it, so that a product keeps its picture. */
const width = 400
const height = 300

/**
 * Draws the picture of something that has none: a few flat shapes in the brand's colours, always the same for
 * the same seed. seed: what it is called; brand: #rrggbb; ratio: width by height, 0.5 to 2 (what is asked
 * beyond is drawn at the limit); the middle of the same drawing is shown.
 * Returns one SVG element of less than 2 kB without ids, scripts, fonts or addresses: it may stand in a page,
 * in a file, or many times on one page. Pure; safe for any seed, which never appears in the output.
 */
export function coverArt(seed: string, brand: Hex, ratio = width / height): string {
  const key = `${brand} ${ratio} ${seed}`
  const known = drawn.get(key)
  if (known !== undefined) return known
  const cover = drawCover(seed, brand, ratio)
  if (drawn.size >= mostDrawn) drawn.clear()
  drawn.set(key, cover)
  return cover
}

/** The same few covers stand on every page. */
const drawn = new Map<string, string>()
const mostDrawn = 300

function drawCover(seed: string, brand: Hex, ratio: number): string {
  const random = randomFrom(seed)
  const draw: Draw = {
    width,
    height,
    inks: inksOf(brand, random),
    random,
    between: (least, most) => Math.round(least + random() * (most - least)),
    pick: (list) => {
      const picked = list[Math.floor(random() * list.length)]
      if (picked === undefined) throw new RangeError('Nothing to pick from.')
      return picked
    },
  }
  const family = draw.pick(families)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${part(Math.min(2, Math.max(0.5, ratio)))}" preserveAspectRatio="xMidYMid slice" aria-hidden="true">` +
    `<path fill="${draw.inks.ground}" d="M0 0h${width}v${height}H0z"/>${family(draw)}</svg>`
  )
}

/** The middle of the frame in a ratio. One unit is cropped all around: no hairline of the ground at an edge that a shape should reach. */
function part(ratio: number): string {
  const wide = Math.round(Math.min(width, height * ratio)) - 2
  const high = Math.round(Math.min(height, width / ratio)) - 2
  return `${(width - wide) / 2} ${(height - high) / 2} ${wide} ${high}`
}

/**
 * Inks around the brand: the series shares them, each cover takes another one as its ground.
 * Neighbours are a step of lightness apart, so that shapes tell apart without colour too.
 */
function inksOf(brand: Hex, random: () => number): Inks {
  const chosen = toOklch(brand)
  const isGrey = chosen.chroma < 0.03
  // A grey has no hue of its own: it gets that of paper.
  const own = isGrey ? { ...chosen, hue: 75, chroma: 0.006 } : chosen
  const chroma = Math.min(0.16, own.chroma)
  const soft = Math.min(0.05, chroma * 0.4)
  // Yellow is only itself when it is light; every other hue is strongest in the middle.
  const lightest = own.hue > 80 && own.hue < 125 ? 0.87 : 0.68
  const paper = toHex({ lightness: 0.945, chroma: isGrey ? 0.006 : 0.018, hue: own.hue + 25 })
  const tint = toHex({
    lightness: 0.84,
    chroma: soft + (isGrey ? 0.006 : 0.015),
    hue: own.hue + 12,
  })
  const full = toHex({
    ...own,
    lightness: Math.min(lightest, Math.max(0.52, own.lightness)),
    chroma,
  })
  const deep = toHex({
    lightness: 0.3,
    chroma: isGrey ? 0.008 : Math.min(0.055, soft + 0.02),
    hue: own.hue - 12,
  })
  // The one visitor from across the circle, quiet enough to stay a guest.
  const guest = toHex({ lightness: 0.72, chroma: isGrey ? 0.03 : 0.075, hue: own.hue + 165 })
  const grounds: readonly (readonly [Hex, Hex, Hex, Hex, Hex])[] = [
    [paper, full, deep, tint, guest],
    [tint, deep, full, paper, guest],
    [deep, full, tint, paper, guest],
    [full, paper, deep, tint, guest],
    [guest, deep, paper, tint, full],
    [paper, deep, guest, tint, full],
    [deep, guest, paper, full, tint],
    [tint, full, deep, paper, guest],
    [full, deep, tint, paper, guest],
  ]
  const [ground, first, second, third, fourth] =
    grounds[Math.floor(random() * grounds.length)] ?? ([paper, full, deep, tint, guest] as const)
  const base = toOklch(ground)
  const quiet = toHex({
    ...base,
    lightness: base.lightness + (base.lightness > 0.6 ? -0.085 : 0.085),
  })
  return { ground, quiet, first, second, third, fourth }
}

/** Numbers in [0, 1) that follow from the seed alone. Hash: FNV-1a; generator: mulberry32. */
function randomFrom(seed: string): () => number {
  let state = 0x811c9dc5
  for (const character of seed.normalize('NFC')) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
