import { contrast, toHex, toOklch, type Hex, type Oklch } from '#modules/platform/oklch.ts'

/** The temperature of the greys: paper and ink of the whole shop. */
export type Paper = 'warm' | 'neutral' | 'cool'
export const papers = ['warm', 'neutral', 'cool'] as const satisfies readonly Paper[]

/** What a colour is for. Components name roles, never colours. */
export const roles = [
  'bg', // the page
  'surface', // a quiet area in the page: a well, a striped row, a code block
  'raised', // what can be lifted: dialogs, menus, fields
  'text',
  'muted', // second-rank text; still 4.5:1 everywhere
  'line', // hairlines that only order the page
  'edge', // the outline of a control, 3:1
  'accent', // fill of the one thing to do
  'accent-hover',
  'accent-edge', // outline of that fill, 3:1 against the page even for a pale brand
  'on-accent',
  'accent-text', // links and marks: the brand as ink
  'accent-soft',
  'good',
  'good-soft',
  'warn',
  'warn-soft',
  'bad',
  'bad-soft',
  'on-bad', // text on a fill of `bad`
  'focus',
] as const
export type Role = (typeof roles)[number]
export type Scheme = Readonly<Record<Role, Hex>>
export interface Palette {
  readonly light: Scheme
  readonly dark: Scheme
}

/**
 * Pairs that people must be able to read or see, with their least contrast: 4.5 for text, 3 for the
 * outline of a control and the focus ring (WCAG 2.2, 1.4.3 and 1.4.11). Held for every brand colour by palette.test.ts.
 */
export const pairs: readonly { ink: Role; on: readonly Role[]; least: number }[] = [
  {
    ink: 'text',
    on: ['bg', 'surface', 'raised', 'accent-soft', 'good-soft', 'warn-soft', 'bad-soft'],
    least: 7,
  },
  {
    ink: 'muted',
    on: ['bg', 'surface', 'raised', 'accent-soft', 'good-soft', 'warn-soft', 'bad-soft'],
    least: 4.5,
  },
  { ink: 'accent-text', on: ['bg', 'surface', 'raised', 'accent-soft'], least: 4.5 },
  { ink: 'on-accent', on: ['accent', 'accent-hover'], least: 4.5 },
  { ink: 'good', on: ['bg', 'surface', 'raised', 'good-soft'], least: 4.5 },
  { ink: 'warn', on: ['bg', 'surface', 'raised', 'warn-soft'], least: 4.5 },
  { ink: 'bad', on: ['bg', 'surface', 'raised', 'bad-soft'], least: 4.5 },
  { ink: 'on-bad', on: ['bad'], least: 4.5 },
  { ink: 'edge', on: ['bg', 'surface', 'raised'], least: 3 },
  { ink: 'accent-edge', on: ['bg', 'surface', 'raised'], least: 3 },
  { ink: 'focus', on: ['bg', 'surface', 'raised'], least: 3 },
]

export const defaultBrand: Hex = '#b4472e'
export const defaultPaper: Paper = 'warm'

/** Hue and chroma of the greys. The warm hue is that of unbleached paper, the cool one of a north window. */
const paperTints: Record<Paper, { hue: number; chroma: number }> = {
  warm: { hue: 72, chroma: 0.009 },
  neutral: { hue: 72, chroma: 0.0015 },
  cool: { hue: 250, chroma: 0.008 },
}
/** Low light turns yellow to green in the eye; warm darkness leans to red. */
const darkHues: Record<Paper, number> = { warm: 48, neutral: 48, cool: 255 }

const goodHue = 152
const warnHue = 70
const badHue = 27

/** Below this a brand is a grey: black, white, #777777. */
const greyBelow = 0.03

/**
 * All colours of a shop from its brand colour and its paper, light and dark. Every pair of `pairs` holds
 * for every brand colour; the brand keeps its hue and gives up lightness and chroma where it must. Pure.
 */
export function paletteOf(brand: Hex, paper: Paper): Palette {
  const own = toOklch(brand)
  return { light: lightScheme(brand, own, paper), dark: darkScheme(own, paper) }
}

function lightScheme(brand: Hex, own: Oklch, paper: Paper): Scheme {
  const grey = greys(paper)
  const bg = grey(0.975)
  const surface = grey(0.948, 1.2)
  const raised = grey(0.995, 0.4)
  const grounds = [bg, surface, raised]
  // A pale brand stays pale and gets dark letters and an outline; nothing is gained by muddying it.
  const accent = brand
  const inks = inkFor(accent, own, grey(0.19), grey(0.99, 0.3), own.lightness > 0.62 ? 0.05 : -0.06)
  const accentSoft = toHex({ ...own, lightness: 0.935, chroma: Math.min(own.chroma, 0.035) })
  const accentText = darker({ ...own, lightness: Math.min(own.lightness, 0.52) }, 4.6, [
    ...grounds,
    accentSoft,
  ])
  const state = (hue: number, chroma: number) => {
    const soft = toHex({ lightness: 0.94, chroma: 0.035, hue })
    return { soft, ink: darker({ lightness: 0.5, chroma, hue }, 4.6, [...grounds, soft]) }
  }
  const good = state(goodHue, 0.11)
  const warn = state(warnHue, 0.11)
  const bad = state(badHue, 0.17)
  const grounded = [...grounds, accentSoft, good.soft, warn.soft, bad.soft]
  return {
    bg,
    surface,
    raised,
    text: darker(greyOf(paper, 0.23, 1.4), 7.1, grounded),
    muted: darker(greyOf(paper, 0.48, 1.6), 4.6, grounded),
    line: grey(0.885, 1.5),
    edge: darker(greyOf(paper, 0.63, 1.8), 3.1, grounds),
    accent: inks.fill,
    'accent-hover': inks.hover,
    'accent-edge': darker(toOklch(inks.fill), 3.1, grounds),
    'on-accent': inks.ink,
    'accent-text': accentText,
    'accent-soft': accentSoft,
    good: good.ink,
    'good-soft': good.soft,
    warn: warn.ink,
    'warn-soft': warn.soft,
    bad: bad.ink,
    'bad-soft': bad.soft,
    'on-bad': grey(0.99, 0.3),
    focus: darker({ ...own, lightness: Math.min(own.lightness, 0.55) }, 3.5, grounds),
  }
}

function darkScheme(own: Oklch, paper: Paper): Scheme {
  const grey = greys(paper)
  const bg = grey(0.19)
  // In the dark, nearer is lighter.
  const surface = grey(0.225)
  const raised = grey(0.262)
  const grounds = [bg, surface, raised]
  const isGrey = own.chroma < greyBelow
  const accentStart: Oklch = {
    hue: own.hue,
    chroma: own.chroma * 0.86,
    // A black brand would vanish: in the dark it becomes paper.
    lightness: isGrey && own.lightness < 0.4 ? 0.9 : Math.max(0.62, own.lightness * 0.97),
  }
  const accent = lighter(accentStart, 3.1, grounds)
  const inks = inkFor(accent, accentStart, grey(0.16), grey(0.99, 0.3), 0.05)
  const accentSoft = toHex({ ...own, lightness: 0.3, chroma: Math.min(own.chroma, 0.045) })
  const state = (hue: number, chroma: number) => {
    const soft = toHex({ lightness: 0.3, chroma: 0.04, hue })
    return { soft, ink: lighter({ lightness: 0.76, chroma, hue }, 4.6, [...grounds, soft]) }
  }
  const good = state(goodHue, 0.11)
  const warn = state(warnHue, 0.11)
  const bad = state(badHue, 0.12)
  const grounded = [...grounds, accentSoft, good.soft, warn.soft, bad.soft]
  return {
    bg,
    surface,
    raised,
    text: lighter(greyOf(paper, 0.925, 0.9), 7.1, grounded),
    muted: lighter(greyOf(paper, 0.73, 1.2), 4.6, grounded),
    line: grey(0.335, 1.2),
    edge: lighter(greyOf(paper, 0.54, 1.2), 3.1, grounds),
    accent: inks.fill,
    'accent-hover': inks.hover,
    'accent-edge': inks.fill,
    'on-accent': inks.ink,
    'accent-text': lighter(
      {
        ...accentStart,
        lightness: Math.max(0.74, accentStart.lightness),
        chroma: own.chroma * 0.75,
      },
      4.6,
      [...grounds, accentSoft],
    ),
    'accent-soft': accentSoft,
    good: good.ink,
    'good-soft': good.soft,
    warn: warn.ink,
    'warn-soft': warn.soft,
    bad: bad.ink,
    'bad-soft': bad.soft,
    'on-bad': grey(0.16),
    focus: lighter(
      { ...accentStart, lightness: Math.max(0.72, accentStart.lightness) },
      3.5,
      grounds,
    ),
  }
}

function greyOf(paper: Paper, lightness: number, tint = 1): Oklch {
  const hue = lightness < 0.4 ? darkHues[paper] : paperTints[paper].hue
  return { lightness, chroma: paperTints[paper].chroma * tint, hue }
}

function greys(paper: Paper) {
  return (lightness: number, tint = 1): Hex => toHex(greyOf(paper, lightness, tint))
}

/** Small enough to stay near the wanted colour; 100 steps cross the whole range, so every search ends. */
const step = 0.01

function darker(start: Oklch, least: number, grounds: readonly Hex[]): Hex {
  return moved(start, -step, least, grounds)
}

function lighter(start: Oklch, least: number, grounds: readonly Hex[]): Hex {
  return moved(start, step, least, grounds)
}

function moved(start: Oklch, by: number, least: number, grounds: readonly Hex[]): Hex {
  for (let lightness = start.lightness; ; lightness += by) {
    const hex = toHex({ ...start, lightness })
    if (grounds.every((ground) => contrast(hex, ground) >= least)) return hex
    if (lightness <= 0 || lightness >= 1) return hex
  }
}

/**
 * A fill, its shade under the pointer and the letters on both: dark or light, whichever reads better.
 * Where neither reaches 4.5:1 on both fills (a few mid-tones do that), the fill moves away from its letters.
 */
function inkFor(wanted: Hex, own: Oklch, dark: Hex, light: Hex, hoverBy: number) {
  const isLight =
    contrast(wanted, light) >= contrast(wanted, dark) || contrast(wanted, light) >= 4.5
  const ink = isLight ? light : dark
  const away = isLight ? -step : step
  const start = toOklch(wanted)
  for (let moves = 0; ; moves++) {
    const lightness = start.lightness + moves * away
    const fill = moves === 0 ? wanted : toHex({ ...start, lightness })
    // The shade goes away from the letters, or towards them only as far as they stay readable.
    const shade = toHex({ ...own, lightness: Math.min(0.99, Math.max(0.02, lightness + hoverBy)) })
    const back = toHex({ ...own, lightness: lightness + Math.abs(hoverBy) * Math.sign(away) })
    const hover = contrast(shade, ink) >= 4.6 ? shade : back
    if ((contrast(fill, ink) >= 4.6 && contrast(hover, ink) >= 4.6) || moves >= 100)
      return { fill, hover, ink }
  }
}

/**
 * All colours for a part of a page that stands on the brand's colour: its ground is the fill of the main action by day and a deep
 * shade of it by night, where a loud block would glare; everything on it is the one ink that can be read there. Text, outlines
 * and the focus ring keep 4.5:1 for every brand colour (palette.test.ts).
 */
export function onBrand(brand: Hex, paper: Paper): Palette {
  const { light } = paletteOf(brand, paper)
  const own = toOklch(brand)
  const paperInk = greyOf(paper, 0.97, 0.5)
  const deep = darker({ ...own, lightness: 0.35, chroma: Math.min(own.chroma, 0.095) }, 7.1, [
    toHex(paperInk),
  ])
  return {
    light: sceneOf(light.accent, light['on-accent']),
    dark: sceneOf(deep, toHex(paperInk)),
  }
}

function sceneOf(ground: Hex, ink: Hex): Scheme {
  const soft = mixedUntil(ink, ground, 0.78, 4.6)
  const line = mixedUntil(ink, ground, 0.28, 1)
  return {
    bg: ground,
    surface: ground,
    raised: ground,
    text: ink,
    muted: soft,
    line,
    edge: ink,
    accent: ink,
    'accent-hover': soft,
    'accent-edge': ink,
    'on-accent': ground,
    'accent-text': ink,
    'accent-soft': ground,
    good: ink,
    'good-soft': ground,
    warn: ink,
    'warn-soft': ground,
    bad: ink,
    'bad-soft': ground,
    'on-bad': ground,
    focus: ink,
  }
}

/** The ink thinned with the ground to `share`, or as far as it stays readable on it. */
function mixedUntil(ink: Hex, ground: Hex, share: number, least: number): Hex {
  const channel = (hex: Hex, at: number) => Number.parseInt(hex.slice(at, at + 2), 16)
  for (let part = share; part < 1; part += 0.04) {
    const mixed: Hex = `#${[1, 3, 5]
      .map((at) => Math.round(channel(ink, at) * part + channel(ground, at) * (1 - part)))
      .map((value) => value.toString(16).padStart(2, '0'))
      .join('')}`
    if (contrast(mixed, ground) >= least) return mixed
  }
  return ink
}
