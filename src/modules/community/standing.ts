import type { Decision, Standing } from './types.ts'

/** Different people who report a comment until it is hidden and waits for the owner. */
export const reportersThatHide = 3

/** A comment's words can be changed by its writer for so long. */
export const editMinutes = 15

export function mayBeEdited(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() < editMinutes * 60_000
}

/** Where a decision leads; undefined: it changes nothing there, or what was deleted is beyond it. */
export function decided(
  standing: Standing,
  decision: Decision,
  reports: number,
): Standing | undefined {
  if (standing === 'deleted') return undefined
  const to = ({ publish: 'shown', hide: 'hidden', spam: 'spam' } as const)[decision]
  // Keeping what was reported and is still shown is a decision, too: these reports count no more.
  return to === standing && !(to === 'shown' && reports > 0) ? undefined : to
}

/** As the table holds it. */
export function stored(standing: Standing): {
  readonly state: 'shown' | 'held' | 'spam' | 'hidden' | 'deleted'
  readonly hiddenBy: 'reports' | 'owner' | null
} {
  if (standing === 'reported') return { state: 'hidden', hiddenBy: 'reports' }
  return { state: standing, hiddenBy: standing === 'hidden' ? 'owner' : null }
}

export function standingOf(state: string, hiddenBy: string | null): Standing {
  if (state === 'hidden') return hiddenBy === 'reports' ? 'reported' : 'hidden'
  if (state === 'shown' || state === 'held' || state === 'spam' || state === 'deleted') return state
  throw new Error(`A comment cannot be “${state}”.`)
}

export const standingWords: Readonly<Record<Standing, string>> = {
  shown: 'Shown',
  held: 'Held by the filter',
  spam: 'Spam',
  reported: 'Hidden by readers',
  hidden: 'Hidden by you',
  deleted: 'Deleted by its writer',
}
