import type { SubscriptionMirror } from '../subscription-mirror.ts'

let mirror: SubscriptionMirror | undefined

/** Set once by boot. */
export function provideSubscriptionMirror(provided: SubscriptionMirror): void {
  mirror = provided
}

export function toldMirror(): SubscriptionMirror {
  if (!mirror) throw new Error('Nothing here takes subscriptions.')
  return mirror
}
