import type { Openers } from './types.ts'

/** A right as entitlements name it. `any`: to whatever there is of this benefit. */
export interface WantedRight {
  readonly benefit: 'plan' | 'product'
  readonly subjectIds: readonly string[] | 'any'
}

/** The rights of which any one opens a premium post; [] where nothing does. */
export function rightsThatOpen({ anyPlan, planIds, productIds }: Openers): readonly WantedRight[] {
  const wanted: WantedRight[] = [
    { benefit: 'plan', subjectIds: anyPlan ? 'any' : planIds },
    { benefit: 'product', subjectIds: productIds },
  ]
  return wanted.filter(({ subjectIds }) => subjectIds.length > 0)
}
