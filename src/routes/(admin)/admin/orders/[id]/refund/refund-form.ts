import { z } from 'zod'
import { lineField } from '#modules/platform/plain-text.ts'

/** The owner's reason, kept with the refund and in the trail of acts; the buyer does not see it. */
export const refundForm = z.object({
  reason: lineField(500).refine(
    (text) => text !== '',
    'Say in a few words why. It stays with the order.',
  ),
})
