import os from 'node:os'

/** Sealing a password takes a core for a tenth of a second: one core is left to everybody else, whoever guesses however often. */
const mostAtOnce = Math.max(1, os.availableParallelism() - 1)

let atWork = 0
const waiting: (() => void)[] = []

/** Does the work of one password, a few at once in this process; the others in the order they came. The limits on sign-in bound how many wait. */
export async function inPasswordTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (atWork < mostAtOnce) atWork++
  else await new Promise<void>((turn) => waiting.push(turn))
  try {
    return await work()
  } finally {
    // The place goes straight to the next in line.
    const next = waiting.shift()
    if (next) next()
    else atWork--
  }
}
