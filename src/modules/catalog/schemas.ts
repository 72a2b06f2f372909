import { z } from 'zod'
import { lineField, linesField, oneLine } from '#modules/platform/plain-text.ts'
import { readPercent } from './tax-rules.ts'

// What the owner's forms about products hold. Each refusal says what to do.

const title = lineField(120).refine((text) => text !== '', 'Give it a title.')

export const newProductForm = z.object({
  title,
  kind: z.string().regex(/^[a-z_]{1,40}$/, 'Choose what kind of product it is.'),
})

export const productForm = z.object({
  title,
  slug: z
    .string()
    .default('')
    .transform((text) => text.trim().toLowerCase())
    .refine(
      (text) => /^[a-z0-9][a-z0-9-]{0,80}$/.test(text),
      'An address has small letters, digits and dashes, such as field-notes.',
    ),
  summary: lineField(240),
  descriptionMd: linesField(50_000),
  position: z
    .string()
    .default('0')
    .transform((text, context) => {
      if (/^-?\d{1,6}$/.test(text.trim())) return Number(text)
      context.addIssue('Type a whole number; smaller ones stand first.')
      return z.NEVER
    }),
})

/** Only read here; what it means in a currency is decided by price-rules.ts. */
export const priceForm = z.object({
  amount: z.string().max(100, 'That is not a price.').default(''),
  isOpen: z
    .string()
    .optional()
    .transform((text) => text === 'yes'),
  suggested: z.string().max(100, 'That is not a price.').default(''),
})

export const mostPerOrderForm = z.object({
  mostPerOrder: z
    .string()
    .default('')
    .transform((text, context) => {
      if (/^[1-9]\d{0,2}$/.test(text.trim())) return Number(text)
      context.addIssue('Type a whole number between 1 and 999.')
      return z.NEVER
    }),
})

const mostChoices = 20

/** One question to buyers. Only where one of several is chosen do the choices count. */
export const questionForm = z
  .object({
    question: lineField(200).refine((text) => text !== '', 'Write the question.'),
    help: lineField(300),
    answerKind: z.enum(['line', 'lines', 'choice', 'yes_no'], 'Choose how it is answered.'),
    choices: linesField(5_000).transform((text) => [
      ...new Set(text.split('\n').map(oneLine).filter(Boolean)),
    ]),
    isRequired: z
      .string()
      .optional()
      .transform((text) => text === 'yes'),
  })
  .transform((question) =>
    question.answerKind === 'choice' ? question : { ...question, choices: [] },
  )
  .superRefine(({ answerKind, choices }, context) => {
    const refuse = (message: string) =>
      context.addIssue({ code: 'custom', path: ['choices'], message })
    if (answerKind !== 'choice') return
    if (choices.length < 2) refuse('Write at least two choices, one on each line.')
    if (choices.length > mostChoices) refuse(`At most ${mostChoices} choices, please.`)
    if (choices.some((choice) => choice.length > 120))
      refuse('Please shorten each choice to 120 characters.')
  })

export const pictureForm = z.object({ image: z.string().max(100), alt: lineField(300) })

/** Regions of CLDR that are no countries, and GB's informal name. */
const noCountry = new Set(['EU', 'EZ', 'QO', 'UK', 'UN', 'XA', 'XB', 'ZZ'])

/** ISO 3166-1 alpha-2, upper case, as far as the Intl data of the running system knows it. */
export function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || noCountry.has(code)) return false
  return new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code) !== undefined
}

export const taxForm = z.object({
  /** '' = everywhere. */
  country: z
    .string()
    .default('')
    .transform((text) => text.trim().toUpperCase())
    .refine(
      (code) => code === '' || isCountry(code),
      'A country has two letters, such as DE; leave it empty for everywhere.',
    )
    .transform((code) => (code === '' ? undefined : code)),
  basisPoints: z
    .string()
    .max(20)
    .default('')
    .transform((text, context) => {
      const basisPoints = readPercent(text)
      if (basisPoints !== undefined) return basisPoints
      context.addIssue('Type a rate between 0 and 50, such as 19 or 7.7.')
      return z.NEVER
    }),
  label: lineField(30).transform((text) => (text === '' ? 'VAT' : text)),
})
