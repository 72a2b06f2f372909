import { z } from 'zod'
import { lineField } from '#modules/platform/plain-text.ts'
import type { ServiceTerms } from './types.ts'

const text = z.string().max(40, 'That is too long for a number.').default('')

/** A whole number between two others. */
function whole(least: number, most: number, what: string) {
  return text.transform((typed, context) => {
    const value = /^\d{1,6}$/.test(typed.trim()) ? Number(typed) : Number.NaN
    if (value >= least && value <= most) return value
    context.addIssue(`Type ${what}: a whole number from ${least} to ${most.toLocaleString('en')}.`)
    return z.NEVER
  })
}

/** The same, or nothing: then there is no limit. */
function limit(least: number, most: number, what: string) {
  const bounded = whole(least, most, what)
  return text.transform((typed, context) => {
    if (typed.trim() === '') return undefined
    const read = bounded.safeParse(typed)
    if (read.success) return read.data
    context.addIssue(`${read.error.issues[0]?.message ?? ''} Or leave it empty.`)
    return z.NEVER
  })
}

const longestHours = 8_760

/** Hours such as "24" or "1.5", as minutes. */
const hours = text.transform((typed, context) => {
  const found = /^\d{1,4}(?:[.,]\d{1,2})?$/.test(typed.trim())
    ? Math.round(Number(typed.trim().replace(',', '.')) * 60)
    : Number.NaN
  if (found >= 0 && found <= longestHours * 60) return found
  context.addIssue('Type hours, such as 24 or 1.5; a year at most.')
  return z.NEVER
})

const hoursOrNone = text.transform((typed, context) => {
  if (typed.trim() === '') return undefined
  const read = hours.safeParse(typed)
  if (read.success) return read.data
  context.addIssue('Type hours, such as 24 or 1.5, or leave it empty.')
  return z.NEVER
})

/** How and where a service takes place, as the owner chooses it. */
export const placeKinds = ['link', 'address', 'phone', 'later'] as const

/** What the owner's form about a service holds. Lengths are typed in minutes, what lies further ahead in hours. */
export const serviceForm: z.ZodType<ServiceTerms> = z.object({
  duration: whole(5, 10_080, 'how long it takes'),
  increment: whole(5, 1_440, 'how far apart it can begin'),
  bufferBefore: whole(0, 1_440, 'how many minutes'),
  bufferAfter: whole(0, 1_440, 'how many minutes'),
  notice: hours,
  windowDays: limit(0, 730, 'how many days'),
  mostADay: limit(1, 100, 'how many'),
  mostAWeek: limit(1, 500, 'how many'),
  seats: whole(1, 500, 'for how many people'),
  placeKind: z.enum(placeKinds, 'Choose where it takes place.'),
  place: lineField(500),
  cancelCutoff: hoursOrNone,
  moveCutoff: hoursOrNone,
  mostMoves: limit(0, 20, 'how often'),
})
