import { z } from 'zod'
import { oneLine } from '#modules/platform/plain-text.ts'

const seats = 'Type a whole number from 1 to 1000.'
const prefix = 'Up to eight letters and digits, a letter first; or leave it empty.'

/** The owner's form about a product's keys. */
export const offerForm = z.object({
  isOn: z
    .string()
    .optional()
    .transform((value) => value === 'yes'),
  seats: z
    .string(seats)
    .regex(/^\s*(?:[1-9]\d{0,2}|1000)\s*$/, seats)
    .transform(Number),
  prefix: z
    .string()
    .max(100, prefix)
    .default('')
    .transform((text) => text.trim().toUpperCase())
    .refine((text) => /^(?:[A-Z][A-Z0-9]{0,7})?$/.test(text), prefix),
})

const line = (longest: number) => z.string().max(longest).transform(oneLine)

/** What software sends about a key. Fields that are not of it are ignored. */
export const keyQuestion = z.object({
  key: z.string('Say which key: "key".').max(200, 'This is too long for a key.'),
  product: line(100).optional(),
  instance: line(200).optional(),
  name: line(100).optional(),
})

export type KeyQuestion = z.output<typeof keyQuestion>
