import { availableParallelism } from 'node:os'
import sharp from 'sharp'

// By itself each picture takes all cores, and whoever looks at the shop meanwhile waits for one.
sharp.concurrency(1)

/**
 * Decoding one picture of 40 megapixels takes some 200 MB and a core for a second. One core is left to those who look at the
 * shop, and more than two pictures at once would help nobody.
 */
export const mostAtWork = Math.min(2, Math.max(1, availableParallelism() - 1))
/** Those that wait hold their 15 MB each. */
const mostWaiting = 6

let atWork = 0
const waiting: (() => void)[] = []

/** A picture was turned away because too many wait already. */
export class WorkshopFullError extends Error {
  override name = 'WorkshopFullError'
}

/**
 * Does one piece of image work, one or two at once in this process; others wait their turn. Throws
 * WorkshopFullError when six wait already.
 */
export async function inWorkshop<Result>(work: () => Promise<Result>): Promise<Result> {
  if (atWork < mostAtWork) atWork++
  else if (waiting.length < mostWaiting) await new Promise<void>((turn) => waiting.push(turn))
  else throw new WorkshopFullError('Too many pictures at once')
  try {
    return await work()
  } finally {
    // The place goes straight to the next in line, so that nobody slips in between.
    const next = waiting.shift()
    if (next) next()
    else atWork--
  }
}
