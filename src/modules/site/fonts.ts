// Pairs of fonts, all of them served by the shop itself (platform/ui/fonts): one for names and headings, one for everything else.
// At most two files are loaded for a page of Latin letters, and a pair stays below 60 kB (e2e/page-weight.e2e.ts).

export const fontPairs = [
  'newsreader',
  'hanken',
  'fraunces',
  'instrument',
  'bricolage',
  'figtree',
  'source',
  'archivo',
] as const
export type FontPair = (typeof fontPairs)[number]

/** A family as the pages name it; its files stand in platform/ui/fonts under this name. */
export type FontFamily =
  | 'hanken-grotesk'
  | 'newsreader-display'
  | 'figtree'
  | 'fraunces-display'
  | 'instrument-sans'
  | 'instrument-serif'
  | 'bricolage-display'
  | 'source-serif'
  | 'archivo-display'

/**
 * What a browser shows until a family has arrived, stretched to the same measure (fonts/README.md): of which local face, and
 * size, ascent and descent in per cent.
 */
interface FontFace {
  readonly name: string
  readonly standIn: string
  /** Weights the file draws by itself; one cut serves every weight, so that no browser smears it into a false bold. */
  readonly weights: string
  readonly like: 'Arial' | 'Times'
  readonly size: number
  readonly ascent: number
  readonly descent: number
}

export const fontFaces: Readonly<Record<FontFamily, FontFace>> = {
  'hanken-grotesk': face(
    'Hanken Grotesk',
    'Hanken stand-in',
    '400 700',
    'Arial',
    101.7,
    98.3,
    29.8,
  ),
  'newsreader-display': face(
    'Newsreader Display',
    'Newsreader stand-in',
    '200 800',
    'Times',
    107.3,
    68.5,
    24.7,
  ),
  figtree: face('Figtree', 'Figtree stand-in', '400 700', 'Arial', 102.8, 92.4, 24.3),
  'fraunces-display': face(
    'Fraunces Display',
    'Fraunces stand-in',
    '200 800',
    'Times',
    111.2,
    87.9,
    22.9,
  ),
  'instrument-sans': face(
    'Instrument Sans',
    'Instrument Sans stand-in',
    '400 700',
    'Arial',
    106.5,
    91.1,
    23.5,
  ),
  'instrument-serif': face(
    'Instrument Serif',
    'Instrument Serif stand-in',
    '200 800',
    'Times',
    86.4,
    114.6,
    35.9,
  ),
  'bricolage-display': face(
    'Bricolage Display',
    'Bricolage stand-in',
    '200 800',
    'Arial',
    99.5,
    93.4,
    27.1,
  ),
  'source-serif': face(
    'Source Serif',
    'Source Serif stand-in',
    '400 700',
    'Times',
    116.6,
    88.9,
    28.7,
  ),
  'archivo-display': face(
    'Archivo Display',
    'Archivo stand-in',
    '200 800',
    'Arial',
    89.4,
    98.3,
    23.5,
  ),
}

function face(
  name: string,
  standIn: string,
  weights: string,
  like: 'Arial' | 'Times',
  size: number,
  ascent: number,
  descent: number,
): FontFace {
  return { name, standIn, weights, like, size, ascent, descent }
}

/** These stand in the stylesheet of every page (platform/ui/fonts.css); the others come with the look that wears them. */
export const familiesOfEveryPage: readonly FontFamily[] = ['hanken-grotesk', 'newsreader-display']

interface Pair {
  readonly display: FontFamily
  readonly text: FontFamily
  /** Of headings. */
  readonly weight: string
  readonly tracking: string
  /** Of the shop's name in large letters. */
  readonly trackingLarge: string
}

const pairs: Readonly<Record<FontPair, Pair>> = {
  newsreader: pair('newsreader-display', 'hanken-grotesk', '450', '-0.012em', '-0.028em'),
  hanken: pair('hanken-grotesk', 'hanken-grotesk', '600', '-0.022em', '-0.032em'),
  fraunces: pair('fraunces-display', 'figtree', '480', '-0.015em', '-0.026em'),
  instrument: pair('instrument-serif', 'instrument-sans', '400', '-0.008em', '-0.02em'),
  bricolage: pair('bricolage-display', 'instrument-sans', '640', '-0.018em', '-0.028em'),
  figtree: pair('figtree', 'figtree', '640', '-0.02em', '-0.034em'),
  source: pair('source-serif', 'source-serif', '480', '-0.014em', '-0.026em'),
  archivo: pair('archivo-display', 'hanken-grotesk', '680', '-0.002em', '-0.012em'),
}

function pair(
  display: FontFamily,
  text: FontFamily,
  weight: string,
  tracking: string,
  trackingLarge: string,
): Pair {
  return { display, text, weight, tracking, trackingLarge }
}

export const fontWords: Readonly<
  Record<FontPair, { readonly label: string; readonly help: string }>
> = {
  newsreader: {
    label: 'Newsreader and Hanken Grotesk',
    help: 'A newspaper’s serif over a plain sans.',
  },
  hanken: { label: 'Hanken Grotesk', help: 'One clear sans for everything.' },
  fraunces: {
    label: 'Fraunces and Figtree',
    help: 'A soft, old-fashioned serif with a friendly sans.',
  },
  instrument: {
    label: 'Instrument Serif and Sans',
    help: 'Narrow and elegant, like a fashion page.',
  },
  bricolage: {
    label: 'Bricolage Grotesque and Instrument Sans',
    help: 'A sans with edges. Lively.',
  },
  figtree: { label: 'Figtree', help: 'One round, friendly sans for everything.' },
  source: { label: 'Source Serif', help: 'One serif for everything, like a book.' },
  archivo: { label: 'Archivo and Hanken Grotesk', help: 'Narrow, heavy headings, like a poster.' },
}

/** Families a pair needs, without doubles; the text's first. */
export function familiesOf(name: FontPair): readonly FontFamily[] {
  return [...new Set([pairs[name].text, pairs[name].display])]
}

/** What `--font-display` and `--font-text` are. */
function fontStack(family: FontFamily): string {
  const { name, standIn, like } = fontFaces[family]
  return `'${name}','${standIn}',${like === 'Times' ? 'Georgia,serif' : 'system-ui,sans-serif'}`
}

/** The pair as custom properties; `isChosen`: weight and tracking, too, which a look otherwise has of its own. */
export function fontTokens(
  name: FontPair,
  isChosen: boolean,
): Readonly<Record<`--${string}`, string>> {
  const { display, text, weight, tracking, trackingLarge } = pairs[name]
  return {
    ...(text === 'hanken-grotesk' ? {} : { '--font-text': fontStack(text) }),
    '--font-display': fontStack(display),
    ...(isChosen
      ? {
          '--weight-display': weight,
          '--tracking-display': tracking,
          '--hero-tracking': trackingLarge,
        }
      : {}),
  }
}
