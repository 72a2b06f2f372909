import type { ProductExtra } from '#modules/catalog/product-extra.ts'
import type { ProductKind } from '#modules/catalog/product-kind.ts'
import { serviceKind } from '#modules/booking/server/index.ts'
import { bundleKind } from '#modules/bundles/server/index.ts'
import { downloadKind } from '#modules/downloads/server/index.ts'
import { licenceExtra } from '#modules/licences/server/index.ts'

/** Every kind of product this shop can deliver. A new kind is one line here (docs/START-HERE.md). */
export const productKinds: readonly ProductKind[] = [downloadKind, serviceKind, bundleKind]

/** What a product of any kind may carry besides. */
export const productExtras: readonly ProductExtra[] = [licenceExtra]

/** undefined for a kind that is not delivered here. */
export function findProductKind(kind: string): ProductKind | undefined {
  return productKinds.find((one) => one.kind === kind)
}

/** Throws for a kind that is not delivered here: the row cannot have come from this program. */
export function productKind(kind: string): ProductKind {
  const found = findProductKind(kind)
  if (!found) throw new Error(`No product kind is called "${kind}".`)
  return found
}
