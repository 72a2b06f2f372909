import type { Payable } from '../payable.ts'

let registry: Readonly<Record<string, Payable>> = {}

/** Filled once by boot. */
export function providePayables(payables: Readonly<Record<string, Payable>>): void {
  registry = payables
}

export function payableOf(name: string): Payable {
  const payable = registry[name]
  if (!payable) throw new Error(`Nothing here sells by "${name}".`)
  return payable
}
