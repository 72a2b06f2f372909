import { z } from 'zod'

/** The owner's reason, kept with the refund and in the trail of acts; the buyer does not see it. */
export const refundForm = z.object({
  reason: z
    .string()
    .trim()
    .min(1, 'Say in a few words why. It stays with the order.')
    .max(500, 'Use at most 500 characters.'),
})
