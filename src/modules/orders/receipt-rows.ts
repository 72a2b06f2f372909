import { formatMoney } from '#modules/platform/money.ts'
import type { OrderWithLines } from './types.ts'

export interface ReceiptRow {
  readonly label: string
  readonly value: string
  /** The sum. */
  readonly strong?: boolean
}

/** Lines as they were bought, before the discount: a bundle in one, with what it held. */
function thingsOf(lines: OrderWithLines['lines']): { label: string; minor: number }[] {
  const seen = new Set<number>()
  return lines.flatMap((line) => {
    const { bundle } = line
    if (!bundle)
      return [
        {
          label: line.quantity > 1 ? `${line.quantity} × ${line.title}` : line.title,
          minor: line.totalMinor + line.discountMinor,
        },
      ]
    if (seen.has(bundle.at)) return []
    seen.add(bundle.at)
    const parts = lines.filter((other) => other.bundle?.at === bundle.at)
    return [
      {
        label: `${bundle.title}: ${parts.map((part) => part.title).join(', ')}`,
        minor: parts.reduce((sum, part) => sum + part.totalMinor + part.discountMinor, 0),
      },
    ]
  })
}

/** What a receipt lists, on pages and in mail alike: the lines, the total, and the tax in it by kind. locale: BCP 47. */
export function receiptRows(
  order: Pick<OrderWithLines, 'currency' | 'totalMinor' | 'discountMinor' | 'couponCode' | 'lines'>,
  locale = 'en',
): readonly ReceiptRow[] {
  const money = (minor: number) => formatMoney({ minor, currency: order.currency }, locale)
  const percent = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
  const taxes = new Map<string, number>()
  for (const { tax } of order.lines) {
    if (!tax) continue
    const name = `of which ${tax.label} ${percent.format(tax.basisPoints / 100)} %`
    taxes.set(name, (taxes.get(name) ?? 0) + tax.minor)
  }
  return [
    ...thingsOf(order.lines).map(({ label, minor }) => ({ label, value: money(minor) })),
    ...(order.discountMinor > 0
      ? [{ label: order.couponCode ?? 'Discount', value: `−${money(order.discountMinor)}` }]
      : []),
    { label: 'Total', value: money(order.totalMinor), strong: true },
    ...[...taxes].map(([label, minor]) => ({ label, value: money(minor) })),
  ]
}
