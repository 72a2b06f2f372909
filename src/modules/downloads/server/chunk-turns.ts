import { runtime } from '#modules/platform/server/index.ts'

/** While somebody looks at the shop: a chunk of 256 kB each, so some 120 MB a second for all downloads of a process together. */
const apartMs = 2

const waiting: (() => void)[] = []
let isNextDue = false

/**
 * Resolves when the next chunk of a download may be read. Many downloads that begin at once fill the buffers of all their
 * connections as fast as the processor can; pages would wait behind every one of them. Nobody waits while nobody looks.
 */
export function chunkTurn(): Promise<void> {
  if (!runtime().isVisited?.()) return Promise.resolve()
  return new Promise((turn) => {
    waiting.push(turn)
    giveNext()
  })
}

function giveNext(): void {
  if (isNextDue || waiting.length === 0) return
  isNextDue = true
  setTimeout(() => {
    isNextDue = false
    waiting.shift()?.()
    giveNext()
  }, apartMs)
}
