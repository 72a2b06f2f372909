import { receiveWebhook } from '#modules/payments/server/index.ts'
import { log, withRequestId } from '#modules/platform/server/index.ts'
import type { Answer } from '#server/application.ts'

const refusals = {
  not_configured: {
    status: 503,
    words: 'No webhook secret is set: this shop asks Stripe for events by itself.',
  },
  bad_signature: { status: 400, words: 'The signature does not fit.' },
  malformed: { status: 400, words: 'This is not an event.' },
} as const

/** Stripe delivers here. 2xx only after the event is committed; anything else makes Stripe deliver it again. */
export function answerWebhook(
  body: Uint8Array,
  signature: string | undefined,
  requestId: string,
): Promise<Answer> {
  return withRequestId(requestId, async () => {
    try {
      const result = await receiveWebhook(body, signature ?? null)
      return result.ok ? { status: 200, words: 'Received.' } : refusals[result.reason]
    } catch (error) {
      log.error(
        { error: error instanceof Error ? error.message : String(error) },
        'webhook not stored',
      )
      return { status: 500, words: 'It could not be stored; deliver it again.' }
    }
  })
}
