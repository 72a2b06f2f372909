/** How long a proof counts: long enough for one thing, not for a forgotten screen. */
export const proofMinutes = 10

/** What wants a fresh proof, and how the page that asks for it names it. */
export const proofWords = {
  refund: 'Money is about to go back.',
  price: 'A price is about to be set.',
  access: 'You are about to change who can open what was bought.',
  payout: 'You are about to change where money goes.',
  export: 'The data of your shop is about to leave it.',
  address: 'The address of your account is about to change.',
  password: 'Your password is about to change.',
  take: 'Everything that is held of you is about to be handed out.',
  leave: 'Your account is about to be deleted.',
  factors: 'You are about to change how your account is protected.',
} as const

export type ProofFor = keyof typeof proofWords

/** The daily acts: the owner may do without a proof for them. */
const leftToTheOwner: ReadonlySet<ProofFor> = new Set(['refund', 'price', 'access'])

export function isProofFor(text: string | null): text is ProofFor {
  return text !== null && Object.hasOwn(proofWords, text)
}

export interface ProofState {
  readonly role: 'owner' | 'member'
  readonly hasFactor: boolean
  /** The owner's setting "ask for proof before refunds and prices". */
  readonly asksForProof: boolean
  /** Within proofMinutes: signed in or proven in any way; with a second factor. */
  readonly isFresh: boolean
  readonly isFreshByFactor: boolean
}

/** What a stolen session must not do, with or without a second factor: lock its member out, or delete the account. */
const alwaysProven: ReadonlySet<ProofFor> = new Set(['factors', 'leave'])

/**
 * Whether somebody has to prove now that it is them. Without a second factor only changing the factors and leaving ask; with one, everything that is dangerous does, and only the factor counts.
 */
export function needsProof(what: ProofFor, state: ProofState): boolean {
  if (!state.hasFactor) return alwaysProven.has(what) && !state.isFresh
  if (state.isFreshByFactor) return false
  if (leftToTheOwner.has(what)) return state.role === 'owner' && state.asksForProof
  return true
}
