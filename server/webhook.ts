import type { IncomingMessage } from 'node:http'
import { application, type Answer } from './application.ts'
import type { Share } from './shares.ts'

/** Where Stripe delivers. Answered in front of the web application: a rush of events costs a commit each and little more. */
export const webhookPath = '/webhooks/stripe'

/**
 * Reads the body, whose length was told and found small enough, and hands it on as the bytes it is: the signature is over
 * exactly them. undefined: the sender went away in the middle.
 */
export async function takeWebhook(
  request: IncomingMessage,
  requestId: string,
  share: Share,
): Promise<Answer | undefined> {
  const body = await wholeBody(request)
  if (!body) return undefined
  const signature = request.headers['stripe-signature']
  const running = application()
  if (!running) return { status: 503, words: 'The shop is starting; deliver it again.' }
  // Only whole bodies have a turn: a sender that is slow takes none from the others.
  if (!(await share.turn()))
    return { status: 503, words: 'Too many deliveries at once; deliver it again.' }
  try {
    return await running.webhook(
      body,
      typeof signature === 'string' ? signature : undefined,
      requestId,
    )
  } finally {
    share.done()
  }
}

function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', () => resolve(undefined))
    request.on('close', () => resolve(undefined))
  })
}
