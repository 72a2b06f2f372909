/** Why a second factor was not taken; the reasons are those of server/second-step.ts and server/fresh-proof.ts. */
export interface FactorProblem {
  readonly reason: 'wrong' | 'used' | 'unread'
  /** Until the first step has to be done again; undefined where it need not. */
  readonly triesLeft?: number
}

/** What is said about it, and what to do. */
export function factorProblemWords({ reason, triesLeft }: FactorProblem): string {
  switch (reason) {
    case 'unread':
      return 'An app shows six digits; a recovery code has twelve letters and digits.'
    case 'used':
      return `This code was used already. Your app shows the next one in half a minute.${left(triesLeft)}`
    case 'wrong':
      return `This code is not right, or not right any more.${left(triesLeft)}`
  }
}

function left(tries: number | undefined): string {
  if (tries === undefined) return ''
  return tries === 1 ? ' You have one more try.' : ` You have ${tries} more tries.`
}

export const passkeyRefused = 'This passkey was not accepted. Please try again, or use another way.'
export const passkeysImpossible =
  'Passkeys work only where the shop has a name and a secure address (https).'
