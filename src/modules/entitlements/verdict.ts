import { explainEntitlement } from './reasons.ts'
import type { Entitlement } from './types.ts'

export interface Verdict {
  readonly isOpen: boolean
  /** In one sentence, for the owner. */
  readonly words: string
}

/**
 * Why somebody can or cannot open a thing: access is any active right; otherwise the newest one says why not. rights: every
 * right the person has or had to it, newest first.
 */
export function verdictOf(rights: readonly Entitlement[]): Verdict {
  const open = rights.filter((right) => right.state === 'active')
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
  const { title } = explainEntitlement(newest.state, newest.reason)
  return { isOpen: false, words: `They cannot open it: ${title.toLowerCase()}.` }
}
