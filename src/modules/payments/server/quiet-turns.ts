import { runtime } from '#modules/platform/server/index.ts'

/** As many as leave connections of the money pool free for people who wait for an answer. */
const whileAlone = 4
/** Each takes the processor for some milliseconds, many times: with more of them a page would wait for all. */
const whileVisited = 1
/** Then it rests as long as it worked, within this: half of what the machine can do is the visitors'. */
const longestRestMs = 100

let working = 0
const waiting: (() => void)[] = []

/**
 * Does one piece of background work that keeps the processor and the database busy, in the order asked. At most four at once
 * in this process, and one, with rests, while somebody looks at the shop: what piled up is worked off beside the visitors, not before them.
 */
export async function inQuietTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (waiting.length > 0 || working >= mostAtOnce())
    await new Promise<void>((turn) => waiting.push(turn))
  else working++
  const began = performance.now()
  try {
    return await work()
  } finally {
    if (waiting.length > 0 && isVisited())
      setTimeout(giveTurn, Math.min(performance.now() - began, longestRestMs))
    else giveTurn()
  }
}

function giveTurn(): void {
  working--
  // Whoever is let in has the place from this moment on.
  for (let next = nextTurn(); next; next = nextTurn()) next()
}

function nextTurn(): (() => void) | undefined {
  if (working >= mostAtOnce()) return undefined
  const next = waiting.shift()
  if (next) working++
  return next
}

const isVisited = () => runtime().isVisited?.() ?? false
const mostAtOnce = () => (isVisited() ? whileVisited : whileAlone)
