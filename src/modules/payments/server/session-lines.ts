import type { NewSession } from '../gateway.ts'
import type { CheckoutLine } from '../types.ts'

/**
 * What the payment page lists: each line as it is, and a bundle's parts as the one thing that was chosen. Their discount is
 * told apart, for the whole.
 */
export function sessionLines(lines: readonly CheckoutLine[]): NewSession['lines'] {
  const listed: {
    title: string
    description: string | undefined
    unitMinor: number
    quantity: number
  }[] = []
  const bundles = new Map<number, { title: string; parts: string[]; unitMinor: number }>()
  for (const line of lines) {
    if (!line.bundle) {
      listed.push({
        title: line.title,
        description: undefined,
        unitMinor: line.unitMinor,
        quantity: line.quantity,
      })
      continue
    }
    const bundle = bundles.get(line.bundle.at)
    if (bundle) {
      bundle.parts.push(line.title)
      bundle.unitMinor += line.unitMinor * line.quantity
    } else
      bundles.set(line.bundle.at, {
        title: line.bundle.title,
        parts: [line.title],
        unitMinor: line.unitMinor * line.quantity,
      })
  }
  return [
    ...listed,
    ...[...bundles.values()].map((bundle) => ({
      title: bundle.title,
      description: bundle.parts.join(', ').slice(0, 500),
      unitMinor: bundle.unitMinor,
      quantity: 1,
    })),
  ]
}
