import { fontTokens, type FontPair } from './fonts.ts'

// Six looks. A look changes fonts, corners, room, the head of each page and the opening of the front page; colours come from the
// brand, whatever the look, so that no look can make a text unreadable. Written as custom properties that the storefront's own
// styles ask for. Each of them can also be chosen by itself.

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

/** In px: corners of pictures, boxes and buttons. */
export const roundnesses = ['square', 'slight', 'round', 'soft'] as const
export type Roundness = (typeof roundnesses)[number]

/**
 * How the front page opens: the name, then the first product below it; side by side; the picture across the page; words alone,
 * with the first product among the others.
 */
export const heroes = ['stacked', 'split', 'wide', 'words'] as const
export type Hero = (typeof heroes)[number]

/** What the owner chose beside the look; undefined: as the look has it. */
export interface LookChoices {
  readonly look: Look
  readonly density: Density | undefined
  readonly head: Head | undefined
  readonly fonts?: FontPair | undefined
  readonly roundness?: Roundness | undefined
  readonly hero?: Hero | undefined
}

interface Usual {
  readonly density: Density
  readonly head: Head
  readonly fonts: FontPair
  readonly hero: Hero
}

const usual: Readonly<Record<Look, Usual>> = {
  plain: { density: 'close', head: 'beside', fonts: 'hanken', hero: 'stacked' },
  warm: { density: 'regular', head: 'beside', fonts: 'newsreader', hero: 'stacked' },
  editorial: { density: 'regular', head: 'centred', fonts: 'newsreader', hero: 'wide' },
  bold: { density: 'regular', head: 'bar', fonts: 'hanken', hero: 'stacked' },
  night: { density: 'regular', head: 'beside', fonts: 'hanken', hero: 'stacked' },
  soft: { density: 'roomy', head: 'centred', fonts: 'hanken', hero: 'stacked' },
}

export function densityOf({ look, density }: LookChoices): Density {
  return density ?? usual[look].density
}

export function headOf({ look, head }: LookChoices): Head {
  return head ?? usual[look].head
}

export function fontsOf({ look, fonts }: LookChoices): FontPair {
  return fonts ?? usual[look].fonts
}

export function heroOf({ look, hero }: LookChoices): Hero {
  return hero ?? usual[look].hero
}

export const roundnessWords: Readonly<
  Record<Roundness, { readonly label: string; readonly help: string }>
> = {
  square: { label: 'Square', help: 'Sharp, like cut paper.' },
  slight: { label: 'Slight', help: 'Just not sharp.' },
  round: { label: 'Round', help: 'Clearly round.' },
  soft: { label: 'Very round', help: 'Buttons like pebbles.' },
}

export const heroWords: Readonly<Record<Hero, { readonly label: string; readonly help: string }>> =
  {
    stacked: { label: 'Name, then a picture', help: 'The first product stands below the name.' },
    split: {
      label: 'Side by side',
      help: 'Words at the left, the first product’s picture at the right.',
    },
    wide: { label: 'Picture across', help: 'The first picture as wide as the page.' },
    words: { label: 'Words alone', help: 'The name and your sentence. Products begin below.' },
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

const corners: Readonly<Record<Roundness, Tokens>> = {
  square: { '--radius': '0px', '--button-radius': '0px' },
  slight: { '--radius': '6px', '--button-radius': '6px' },
  round: { '--radius': '12px', '--button-radius': '12px' },
  soft: { '--radius': '20px', '--button-radius': '999px' },
}

/** Where an opening that is not the look's own puts its parts. */
const opening: Readonly<Record<Hero, Tokens>> = {
  stacked: {
    '--hero-cover': '1 / span 8',
    '--hero-words': '9 / -1',
    '--hero-words-row': '1',
    '--hero-ratio': '3 / 2',
  },
  split: {},
  wide: {
    '--hero-name': '1 / -1',
    '--hero-sentence': '1 / span 6',
    '--hero-top': 'var(--s2)',
    '--hero-cover': '1 / -1',
    '--hero-words': '5 / -1',
    '--hero-words-row': '2',
    '--hero-ratio': '21 / 9',
  },
  words: {
    '--hero-name': '1 / span 10',
    '--hero-sentence': '1 / span 7',
    '--hero-top': 'var(--s3)',
  },
}

const tokens: Readonly<Record<Look, Tokens>> = {
  warm: {},
  plain: {
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
    '--weight-display': '500',
    '--tracking-display': '-0.028em',
    '--radius': '8px',
    '--hero-leading': '0.98',
    '--hero-cover': '5 / -1',
    '--hero-words': '1 / span 4',
  },
  soft: {
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
  const first: Tokens = {
    ...fontTokens('newsreader', false),
    '--weight-display': '450',
    '--tracking-display': '-0.012em',
    '--radius': '6px',
  }
  return declarations({ ...first, ...allTokens(choices) })
}

/** Its custom properties, as declarations. */
export function tokensOf(choices: LookChoices): string {
  return declarations(allTokens(choices))
}

function allTokens(choices: LookChoices): Tokens {
  const { look, hero, roundness } = choices
  const fonts = fontsOf(choices)
  const areFontsChosen = fonts !== usual[look].fonts
  return {
    ...tokens[look],
    ...(hero === undefined || hero === usual[look].hero ? {} : opening[hero]),
    ...room[densityOf(choices)],
    ...head[headOf(choices)],
    ...(roundness === undefined ? {} : corners[roundness]),
    // The first look's fonts are those of the stylesheet.
    ...(fonts === usual[defaultLook].fonts && !areFontsChosen
      ? {}
      : fontTokens(fonts, areFontsChosen)),
  }
}

function declarations(all: Tokens): string {
  return Object.entries(all)
    .map(([name, value]) => `${name}:${value}`)
    .join(';')
}
