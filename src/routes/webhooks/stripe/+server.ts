import type { RequestHandler } from './$types'
import { receiveWebhook, webhookLimitBytes } from '#modules/payments/server/index.ts'
import { log } from '#modules/platform/server/index.ts'

const answers = {
  not_configured: [503, 'No webhook secret is set: this shop asks Stripe for events by itself.'],
  bad_signature: [400, 'The signature does not fit.'],
  malformed: [400, 'This is not an event.'],
} as const

/** Stripe delivers here. 2xx only after the event is committed; anything else makes Stripe deliver it again. */
export const POST: RequestHandler = async ({ request }) => {
  const body = new Uint8Array(await request.arrayBuffer())
  if (body.byteLength > webhookLimitBytes) return new Response('Too large.\n', { status: 413 })
  try {
    const result = await receiveWebhook(body, request.headers.get('stripe-signature'))
    if (result.ok) return Response.json({ received: true })
    const [status, words] = answers[result.reason]
    return new Response(`${words}\n`, { status })
  } catch (error) {
    log.error(
      { error: error instanceof Error ? error.message : String(error) },
      'webhook not stored',
    )
    return new Response('It could not be stored; deliver it again.\n', { status: 500 })
  }
}
