import { closedLoop } from './load.ts'
import { openLoad, type OpenTask, type Summary } from './open-load.ts'

const probes = 7
const longestP99Ms = 1_000
/** What one answer may come later than the last second of the load and still belong to it. */
const tailSeconds = 0.05

/**
 * The ceiling of a route: the highest rate of an open load at which at least 99 % of what was offered was served in time
 * and the 99th of a hundred took less than a second. Found between what held and what did not; 0 when nothing held.
 */
export async function ceilingOf(
  task: OpenTask,
  { seconds, guess }: { readonly seconds: number; readonly guess?: number },
): Promise<number> {
  let rate = 0.9 * (guess ?? (await guessed(task)))
  let held = 0
  let tooMuch = Number.POSITIVE_INFINITY
  for (let probe = 0; probe < probes && tooMuch / Math.max(held, 1e-9) > 1.06; probe++) {
    const load = await openLoad({ ...task, perSecond: rate, seconds })
    if (isHeld(load, rate, seconds)) held = rate
    else tooMuch = rate
    rate = held === 0 ? 0.7 * tooMuch : tooMuch === Infinity ? 1.15 * held : (held + tooMuch) / 2
    // What the one before left waiting does not belong to the next.
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return held
}

function isHeld(load: Summary, perSecond: number, seconds: number): boolean {
  // The last ones are due at the end and take as long as the others.
  const tail = tailSeconds + load.p50 / 1000
  const took = load.offered / Math.max(load.servedPerSecond, 1e-9) - tail
  return (
    load.failed === 0 &&
    load.served >= 0.99 * load.offered &&
    load.offered / Math.max(took, seconds) >= 0.99 * perSecond &&
    load.p99 < longestP99Ms
  )
}

async function guessed(task: OpenTask): Promise<number> {
  const load = await closedLoop({
    ...task,
    connections: Math.min(task.connections, 4),
    seconds: 2,
  })
  if (load.failed > 0) throw new Error(load.failure)
  return load.perSecond
}
