import { GatewayError } from '../gateway.ts'

/**
 * Waits for work that asks Stripe, but not longer than somebody at a page would: throws GatewayError 'unreachable' after
 * limitMs. The work itself goes on; nobody hears of how it ended, so what it does must be found again by the sweep.
 */
export async function within<Result>(limitMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new GatewayError('unreachable', `No answer within ${limitMs} ms.`)),
      limitMs,
    )
  })
  work.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
