// Six looks. A look changes fonts, corners, room and the order of the front page; colours come from the brand, whatever the look,
// so that no look can make a text unreadable. Written as custom properties that the storefront's own styles ask for.

export const looks = ['plain', 'warm', 'editorial', 'bold', 'night', 'soft'] as const
export type Look = (typeof looks)[number]
export const defaultLook: Look = 'warm'

export function isLook(text: string): text is Look {
  return looks.some((look) => look === text)
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

const tokens: Readonly<Record<Look, Tokens>> = {
  warm: {},
  plain: {
    '--font-display': sans,
    '--weight-display': '600',
    '--tracking-display': '-0.022em',
    '--text-display': 'clamp(2.125rem,1.6rem + 2.2vw,3.5rem)',
    '--radius': '4px',
    '--hero-leading': '1.02',
    '--hero-name': '1 / span 7',
    '--hero-sentence': '8 / -1',
    '--hero-cover': '6 / -1',
    '--hero-words': '1 / span 5',
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
  },
}

/** The look as a style sheet; '' for the one that the storefront's styles hold by themselves. Of constants alone. */
export function lookCss(look: Look, selector = ':root:root'): string {
  const own = tokensOf(look)
  const rule = own === '' ? '' : `${selector}{${own}}`
  // A visitor who chose light keeps it.
  return look === 'night'
    ? `${rule}${selector}:not([data-scheme='light']){color-scheme:dark}`
    : rule
}

/** The same for a style attribute: a preview of the look in a page that has another. */
export function tokensOf(look: Look): string {
  return Object.entries(tokens[look])
    .map(([name, value]) => `${name}:${value}`)
    .join(';')
}

/** Whether names are set in the serif: only then is its font asked for before the page is read. */
export function hasSerif(look: Look): boolean {
  return look === 'warm' || look === 'editorial'
}
