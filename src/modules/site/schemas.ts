import { z } from 'zod'
import { isChargeable } from '#modules/platform/currencies.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { isHex } from '#modules/platform/oklch.ts'
import { lineField, linesField } from '#modules/platform/plain-text.ts'
import { fontPairs } from './fonts.ts'
import { defaultLook, densities, heads, heroes, looks, roundnesses } from './looks.ts'
import { papers } from './palette.ts'

/** What the owner's form about the shop sends. Messages are for the owner. */
export const siteInput = z.object({
  name: lineField(80).refine((text) => text !== '', 'Give the shop a name.'),
  sentence: lineField(200),
  aboutMd: linesField(20_000),
  ownerName: lineField(120),
  contactEmail: z
    .string()
    .trim()
    .transform((text, context) => {
      if (text === '') return undefined
      const address = canonicalEmail(text)
      if (address) return address
      context.addIssue({ code: 'custom', message: 'This does not look like an e-mail address.' })
      return z.NEVER
    }),
  timeZone: z.string().refine(isTimeZone, 'Choose a time zone from the list.'),
  locale: z.string().refine(isLocale, 'Choose a language from the list.'),
  currency: z
    .string()
    .trim()
    .toUpperCase()
    .refine(isChargeable, 'Choose a currency from the list.'),
})
export type SiteInput = z.output<typeof siteInput>

function chosen<const Names extends readonly [string, ...string[]]>(names: Names, words: string) {
  return z
    .union([z.enum(names), z.literal('')], words)
    .optional()
    .transform((name) => (name === '' ? undefined : name))
}

/** What the form about the look sends. */
export const lookInput = z.object({
  brandColour: z
    .string()
    .trim()
    .toLowerCase()
    .transform((text) => (/^[0-9a-f]{6}$/.test(text) ? `#${text}` : text))
    .refine(isHex, 'A colour is written as # and six digits, such as #b4472e.'),
  paper: z.enum(papers, 'Choose one of the papers.'),
  look: z.enum(looks, 'Choose one of the looks.').default(defaultLook),
  /** '': as the look has it. */
  density: chosen(densities, 'Choose how much room there is.'),
  head: chosen(heads, 'Choose one of the heads.'),
  fonts: chosen(fontPairs, 'Choose one of the pairs of fonts.'),
  roundness: chosen(roundnesses, 'Choose how round corners are.'),
  hero: chosen(heroes, 'Choose how the front page opens.'),
})
export type LookInput = z.output<typeof lookInput>

/** What the form of one section sends. */
export const sectionWordsInput = z.object({ title: lineField(120), body: linesField(4_000) })

export const sitePageInput = z.object({
  title: lineField(120).refine((text) => text !== '', 'Give the page a title.'),
  bodyMd: linesField(100_000),
})
export type SitePageInput = z.output<typeof sitePageInput>

/** Whether Intl knows the zone. Fixed offsets such as +02:00 are refused: they forget about summer time. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*$/.test(text)) return false
  try {
    return Boolean(Intl.DateTimeFormat('en', { timeZone: text }))
  } catch {
    return false // RangeError: no such zone
  }
}

export function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text)[0] === text
  } catch {
    return false // RangeError: not a language tag
  }
}
