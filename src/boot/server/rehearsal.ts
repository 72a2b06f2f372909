import { handledEventTypes } from '#modules/payments/event-groups.ts'
import { carrySession } from '#modules/accounts/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { audit, inTransaction, log, runtime, setRealTime } from '#modules/platform/server/index.ts'

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
      // As a real endpoint would be registered: only what something here depends on.
      enabled_events: handledEventTypes,
    }),
    signal: AbortSignal.timeout(10_000),
  })
  if (!answer.ok)
    throw new Error(
      `The Stripe sandbox refused the shop's webhook: ${answer.status} ${await answer.text()}`,
    )
}

/**
 * Real keys, real time: what a rehearsal moved the clock by is taken back. Otherwise each session would be asked to end in a
 * month, which Stripe refuses, and nobody could buy. At every start; returns whether there was something to take back.
 */
export async function takeBackMovedTime(): Promise<boolean> {
  if (runtime().settings.stripe.mode === 'rehearsal') return false
  const isTakenBack = await inTransaction(setRealTime)
  if (isTakenBack) log.warn({}, 'the clock of a rehearsal was set back to real time')
  return isTakenBack
}

const hourMs = 3_600_000

/** How far the owner may move the one clock at once, in milliseconds. */
export const rehearsalSteps = {
  '1 hour': hourMs,
  '1 day': 24 * hourMs,
  '7 days': 7 * 24 * hourMs,
  '30 days': 30 * 24 * hourMs,
} as const

export type ClockMove =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'no_rehearsal' | 'unreachable' }

/** Moving the clock does what became due at the built-in Stripe before it answers. */
const clockLimitMs = 30_000

/**
 * Moves the one clock of shop and sandbox forward. The sandbox does it: it keeps the shared clock and everything of its own
 * that falls due. On record. Without the sandbox (a real key is set) there is nothing to move.
 */
export async function advanceRehearsalClock(
  owner: OwnerActor,
  step: keyof typeof rehearsalSteps,
): Promise<ClockMove> {
  const { sandbox } = runtime()
  if (!sandbox) return { ok: false, reason: 'no_rehearsal' }
  const advanceMs = rehearsalSteps[step]
  await inTransaction((tx) => carrySession(tx, owner, advanceMs))
  const answer = await fetch(`${sandbox.url}/_sandbox/clock`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ advance_ms: advanceMs }),
    signal: AbortSignal.timeout(clockLimitMs),
  }).catch((error: unknown) => {
    log.warn({ error: String(error) }, 'the sandbox did not move the clock')
    return undefined
  })
  if (!answer?.ok) return { ok: false, reason: 'unreachable' }
  await inTransaction((tx) =>
    audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'rehearsal.clock_moved',
      subject: { kind: 'clock', id: 'clock' },
      detail: { by: step },
    }),
  )
  return { ok: true }
}

/**
 * The built-in Stripe forgets everything but where the shop's webhook is, after what the shop knew of it was swept away. Idempotent. Where
 * it does not answer it remembers sales the shop no longer has, which the shop does not take up again: so that is logged, no more.
 */
export async function emptySandbox(): Promise<void> {
  const { sandbox } = runtime()
  if (!sandbox) return
  const answer = await fetch(`${sandbox.url}/_sandbox/reset`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ keep_endpoints: true }),
    signal: AbortSignal.timeout(clockLimitMs),
  }).catch((error: unknown) => {
    log.warn({ error: String(error) }, 'the sandbox did not forget')
    return undefined
  })
  if (answer && !answer.ok) log.warn({ status: answer.status }, 'the sandbox did not forget')
}
