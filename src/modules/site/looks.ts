// Six looks. A look changes fonts, corners, room, the head of each page and the order of the front page; colours come from the
// brand, whatever the look, so that no look can make a text unreadable. Written as custom properties that the storefront's own
// styles ask for. Room (density) and head can also be chosen by themselves.

export const looks = ['plain', 'warm', 'editorial', 'bold', 'night', 'soft'] as const
export type Look = (typeof looks)[number]
export const defaultLook: Look = 'warm'

export function isLook(text: string): text is Look {
  return looks.some((look) => look === text)
}

export const densities = ['close', 'regular', 'roomy'] as const
export type Density = (typeof densities)[number]

/** Name beside the navigation; name in the middle with the navigation below; the same as the first on a dark bar. */
export const heads = ['beside', 'centred', 'bar'] as const
export type Head = (typeof heads)[number]

export function isDensity(text: string): text is Density {
  return densities.some((density) => density === text)
}
export function isHead(text: string): text is Head {
  return heads.some((head) => head === text)
}

/** What the owner chose beside the look; undefined: as the look has it. */
export interface LookChoices {
  readonly look: Look
  readonly density: Density | undefined
  readonly head: Head | undefined
}

const usual: Readonly<Record<Look, { readonly density: Density; readonly head: Head }>> = {
  plain: { density: 'close', head: 'beside' },
  warm: { density: 'regular', head: 'beside' },
  editorial: { density: 'regular', head: 'centred' },
  bold: { density: 'regular', head: 'bar' },
  night: { density: 'regular', head: 'beside' },
  soft: { density: 'roomy', head: 'centred' },
}

export function densityOf({ look, density }: LookChoices): Density {
  return density ?? usual[look].density
}

export function headOf({ look, head }: LookChoices): Head {
  return head ?? usual[look].head
}

export const densityWords: Readonly<
  Record<Density, { readonly label: string; readonly help: string }>
> = {
  close: { label: 'Close', help: 'More fits on a page. For a long range.' },
  regular: { label: 'Regular', help: 'Room enough to look at each thing by itself.' },
  roomy: { label: 'Roomy', help: 'Much white. For few things that matter.' },
}

export const headWords: Readonly<Record<Head, { readonly label: string; readonly help: string }>> =
  {
    beside: { label: 'Name beside', help: 'The name at the left, search and cart at the right.' },
    centred: { label: 'Name in the middle', help: 'Like a title page, with the ways below it.' },
    bar: { label: 'Dark bar', help: 'A bar across the page, in ink.' },
  }

export const lookWords: Readonly<Record<Look, { readonly label: string; readonly help: string }>> =
  {
    plain: { label: 'Plain', help: 'One clear sans, small corners. Steps back behind the work.' },
    warm: { label: 'Warm', help: 'A serif for names, calm and friendly. A good small shop.' },
    editorial: {
      label: 'Editorial',
      help: 'Large serif, sharp corners, wide pictures. Like a magazine.',
    },
    bold: { label: 'Bold', help: 'Heavy sans, very large names. Says it once, loudly.' },
    night: {
      label: 'Night',
      help: 'Dark unless a visitor asks for light. For pictures, film and sound.',
    },
    soft: { label: 'Soft', help: 'Round corners and more room. Gentle, for courses and coaching.' },
  }

const sans = "'Hanken Grotesk','Hanken stand-in',system-ui,sans-serif"
const serif = "'Newsreader Display','Newsreader stand-in',Georgia,serif"

type Tokens = Readonly<Record<`--${string}`, string>>

/** Distances between the sections of a page, within its grids, and the height of its head; from the scale of tokens.css. */
const room: Readonly<Record<Density, Tokens>> = {
  close: {
    '--room-section': 'var(--s8)',
    '--room-rows': 'var(--s6)',
    '--room-columns': 'var(--s4)',
    '--top-height': '3.75rem',
  },
  regular: {},
  roomy: {
    '--room-section': 'calc(var(--s9) + var(--s6))',
    '--room-rows': 'var(--s8)',
    '--room-columns': 'var(--s6)',
    '--top-height': '5.5rem',
  },
}

/** Below a name in the middle the front page begins in the middle, too. The styles of the heads stand in StoreShell. */
const head: Readonly<Record<Head, Tokens>> = {
  beside: {},
  centred: {
    '--hero-name': '1 / -1',
    '--hero-sentence': '3 / -3',
    '--hero-text': 'center',
    '--hero-top': '0px',
    '--hero-rise': 'var(--s6)',
  },
  bar: { '--hero-rise': 'var(--s6)' },
}

const tokens: Readonly<Record<Look, Tokens>> = {
  warm: {},
  plain: {
    '--font-display': sans,
    '--weight-display': '600',
    '--tracking-display': '-0.022em',
    '--text-display': 'clamp(2rem,1.6rem + 1.7vw,3rem)',
    '--text-h1': 'clamp(1.875rem,1.6rem + 1.2vw,2.625rem)',
    '--text-h3': 'clamp(1.125rem,1.08rem + 0.2vw,1.25rem)',
    '--radius': '4px',
    '--hero-leading': '1.02',
    '--hero-name': '1 / span 6',
    '--hero-sentence': '7 / -1',
    '--hero-top': 'var(--s5)',
    '--hero-rise': '0px',
    '--hero-cover': '6 / -1',
    '--hero-words': '1 / span 5',
    '--card-line': '1px solid var(--line)',
    '--card-pad': 'var(--s3)',
  },
  editorial: {
    '--font-display': serif,
    '--weight-display': '400',
    '--tracking-display': '-0.022em',
    '--text-display': 'clamp(3rem,1.4rem + 7vw,7.5rem)',
    '--text-h1': 'clamp(2.375rem,1.7rem + 2.9vw,4.25rem)',
    '--radius': '0px',
    '--hero-leading': '0.92',
    '--hero-name': '1 / -1',
    '--hero-sentence': '1 / span 6',
    '--hero-top': 'var(--s2)',
    '--hero-cover': '1 / -1',
    '--hero-words': '5 / -1',
    '--hero-words-row': '2',
    '--hero-ratio': '21 / 9',
  },
  bold: {
    '--font-display': sans,
    '--weight-display': '700',
    '--tracking-display': '-0.04em',
    '--text-display': 'clamp(2.875rem,1.3rem + 6.6vw,7rem)',
    '--text-h1': 'clamp(2.25rem,1.6rem + 2.7vw,4rem)',
    '--text-h2': 'clamp(1.75rem,1.5rem + 1.1vw,2.5rem)',
    '--radius': '2px',
    '--hero-leading': '0.9',
    '--hero-ink': 'var(--accent-text)',
    '--hero-name': '1 / -1',
    '--hero-sentence': '1 / span 7',
    '--hero-top': 'var(--s3)',
    '--hero-cover': '1 / span 7',
    '--hero-words': '8 / -1',
    '--card-line': '2px solid var(--text)',
    '--card-pad': 'var(--s3)',
  },
  night: {
    '--font-display': sans,
    '--weight-display': '500',
    '--tracking-display': '-0.028em',
    '--radius': '8px',
    '--hero-leading': '0.98',
    '--hero-cover': '5 / -1',
    '--hero-words': '1 / span 4',
  },
  soft: {
    '--font-display': sans,
    '--weight-display': '560',
    '--tracking-display': '-0.024em',
    '--text-display': 'clamp(2.375rem,1.7rem + 2.8vw,4.25rem)',
    '--radius': '16px',
    '--hero-leading': '1.02',
    '--hero-name': '1 / span 9',
    '--hero-sentence': '1 / span 6',
    '--hero-top': 'var(--s3)',
    '--hero-cover': '1 / span 6',
    '--hero-words': '7 / -1',
    '--hero-align': 'center',
    '--button-radius': '999px',
  },
}

/** The look as a style sheet; '' for the one that the storefront's styles hold by themselves. Of constants alone. */
export function lookCss(choices: LookChoices, selector = ':root:root'): string {
  const own = tokensOf(choices)
  const rule = own === '' ? '' : `${selector}{${own}}`
  // A visitor who chose light keeps it.
  return choices.look === 'night'
    ? `${rule}${selector}:not([data-scheme='light']){color-scheme:dark}`
    : rule
}

/** The same for a style attribute: a preview of the look in a page that has another, and so says what the first look says, too. */
export function previewTokens(choices: LookChoices): string {
  const own = tokensOf(choices)
  const first = `--font-display:${serif};--weight-display:450;--tracking-display:-0.012em;--radius:6px`
  return own === '' ? first : `${first};${own}`
}

/** Its custom properties, as declarations. */
export function tokensOf(choices: LookChoices): string {
  const all = {
    ...tokens[choices.look],
    ...room[densityOf(choices)],
    ...head[headOf(choices)],
  }
  return Object.entries(all)
    .map(([name, value]) => `${name}:${value}`)
    .join(';')
}

/** Whether names are set in the serif: only then is its font asked for before the page is read. */
export function hasSerif(look: Look): boolean {
  return look === 'warm' || look === 'editorial'
}
