import type { ProductExtra } from '#modules/catalog/product-extra.ts'
import type { ProductKind } from '#modules/catalog/product-kind.ts'

let registry: ReadonlyMap<string, ProductKind> = new Map()
let extras: readonly ProductExtra[] = []

/** Filled once by boot with every kind of product this shop can deliver. */
export function provideProductKinds(kinds: readonly ProductKind[]): void {
  registry = new Map(kinds.map((kind) => [kind.kind, kind]))
}

/** Filled once by boot with what any product may carry beside what its kind delivers. */
export function provideProductExtras(all: readonly ProductExtra[]): void {
  extras = all
}

export function productExtras(): readonly ProductExtra[] {
  return extras
}

/** undefined for a kind nobody delivers here. */
export function findProductKind(name: string): ProductKind | undefined {
  return registry.get(name)
}

/** Throws for a kind nobody delivers: such a product cannot have been sold. */
export function productKind(name: string): ProductKind {
  const kind = registry.get(name)
  if (!kind) throw new Error(`Nothing here delivers products of the kind "${name}".`)
  return kind
}
