import { runtime } from '#modules/platform/server/index.ts'

/**
 * Tells the built-in Stripe where this shop's webhook is, at every start: the port may be another. Idempotent, so any number
 * of processes may do it.
 */
export async function sandboxEndpoint(): Promise<void> {
  const { sandbox, settings } = runtime()
  if (!sandbox) return
  const host = settings.host === '0.0.0.0' || settings.host === '::' ? '127.0.0.1' : settings.host
  const answer = await fetch(`${sandbox.url}/_sandbox/endpoint`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${sandbox.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'sundry',
      url: `http://${host}:${settings.port}/webhooks/stripe`,
      secret: sandbox.webhookSecret,
    }),
    signal: AbortSignal.timeout(10_000),
  })
  if (!answer.ok)
    throw new Error(
      `The Stripe sandbox refused the shop's webhook: ${answer.status} ${await answer.text()}`,
    )
}
