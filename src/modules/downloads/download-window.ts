/**
 * What a limit counts. A download is whatever is fetched of one version under one entitlement within one window, in however many
 * requests, resumed, repeated or side by side: the window begins with the first byte outside of any, and is over after a day, or
 * when three times the file's bytes have left in it (so that one window is no licence to pass a link around). The download is
 * complete, once, when every byte of the file has left within the window. What was broken off counts nothing, but a window that
 * was over by its bytes counts as one that is complete: else the last byte would only have to be left out.
 */
export interface DownloadWindow {
  readonly begunAt: Date
  readonly covered: readonly Span[]
  readonly deliveredBytes: number
}

/** Bytes of a file: [first, end], end excluded. */
export type Span = readonly [first: number, end: number]

const dayMs = 24 * 3_600_000
/** So often a file's bytes leave within one window. */
export const mostTimes = 3
/** A client that fetches in more pieces than these, all apart from each other, never completes. */
const mostSpans = 1_000

/** Whether what is asked for now begins another download. */
export function isOver(window: DownloadWindow, byteSize: number, now: Date): boolean {
  return (
    now.getTime() - window.begunAt.getTime() >= dayMs ||
    window.deliveredBytes >= mostTimes * Math.max(1, byteSize)
  )
}

/**
 * So many bytes at once are counted for a request, before they leave: many requests side by side cannot take more out of a window
 * than one after the other. Small enough for a download manager that asks for a file in several pieces to its end.
 */
export function stepOf(byteSize: number): number {
  return Math.max(1_000_000, Math.min(8_000_000, Math.ceil(byteSize / 8)))
}

/** The spans with one more, ascending and apart from each other. */
export function covering(covered: readonly Span[], more: Span): Span[] {
  if (more[1] <= more[0]) return [...covered]
  let [first, end] = more
  const apart: Span[] = []
  for (const span of covered) {
    if (span[1] < first || span[0] > end) apart.push(span)
    else [first, end] = [Math.min(first, span[0]), Math.max(end, span[1])]
  }
  apart.push([first, end])
  return apart.toSorted(([one], [other]) => one - other).slice(0, mostSpans)
}

/** Whether every byte of the file is in the spans. */
export function isWhole(covered: readonly Span[], byteSize: number): boolean {
  if (byteSize === 0) return true
  const [only] = covered
  return covered.length === 1 && only !== undefined && only[0] <= 0 && only[1] >= byteSize
}

/** Downloads of a version that an entitlement has left; undefined = no limit. */
export function downloadsLeft(limit: {
  /** The product's limit; null = none. */
  readonly most: number | null
  /** What the owner allowed this buyer beyond it. */
  readonly extra: number
  /** Windows that were complete, or over by their bytes. */
  readonly completed: number
}): number | undefined {
  return limit.most === null ? undefined : Math.max(0, limit.most + limit.extra - limit.completed)
}
