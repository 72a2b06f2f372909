/** Why a code that somebody typed was not taken; the reasons are those of server/code-check.ts. */
export type CodeProblem =
  | { readonly reason: 'wrong'; readonly triesLeft: number }
  | { readonly reason: 'unknown' | 'expired' | 'too_many_tries' }

/** What is said about it, and what to do. askAgain: "Please have a new one sent." */
export function codeProblemWords(problem: CodeProblem, askAgain: string): string {
  switch (problem.reason) {
    case 'wrong':
      return problem.triesLeft === 1
        ? 'This is not the code we sent. You have one more try.'
        : `This is not the code we sent. You have ${problem.triesLeft} more tries.`
    case 'too_many_tries':
      return `This code was mistyped too often and no longer works. ${askAgain}`
    case 'expired':
      return `This code is older than ten minutes and no longer works. ${askAgain}`
    case 'unknown':
      return `This code was used already, or a newer mail has replaced it. ${askAgain}`
  }
}
