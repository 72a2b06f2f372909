import { explainEntitlement } from './reasons.ts'
import type { Entitlement, EntitlementState } from './types.ts'

export interface Verdict {
  readonly isOpen: boolean
  /** In one sentence, for the owner. */
  readonly words: string
}

/** How a right stands at a moment: one that has not begun, or whose end has come, opens nothing, whatever its row says. */
export function standingAt(
  { state, startsAt, endsAt }: Pick<Entitlement, 'state' | 'startsAt' | 'endsAt'>,
  now: Date,
): EntitlementState {
  if (state !== 'active') return state
  if (startsAt > now) return 'pending'
  return endsAt !== undefined && endsAt <= now ? 'expired' : 'active'
}

/**
 * Why somebody can or cannot open a thing: access is any active right; otherwise the newest one says why not. rights: every
 * right the person has or had to it, newest first. now: by the one clock.
 */
export function verdictOf(rights: readonly Entitlement[], now: Date): Verdict {
  const open = rights.filter((right) => standingAt(right, now) === 'active')
  if (open.length > 0)
    return {
      isOpen: true,
      words:
        open.length === 1
          ? 'They can open it, from one source.'
          : `They can open it, from ${open.length} sources; ending one leaves the others.`,
    }
  const [newest] = rights
  if (!newest) return { isOpen: false, words: 'They never bought it and were never given it.' }
  const { title } = explainEntitlement(standingAt(newest, now), newest.reason)
  return { isOpen: false, words: `They cannot open it: ${title.toLowerCase()}.` }
}
