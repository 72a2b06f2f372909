let wake: (() => void) | undefined

/** Something was stored, a lease came free, or the clock moved: the worker looks again. Cheap; may be called any number of times. */
export function wakeWorker(): void {
  wake?.()
}

/** Called by the worker alone: what ends its present pause. */
export function onWake(end: () => void): void {
  wake = end
}
