import { formatMoney } from '#modules/platform/money.ts'
import type { OrderWithLines } from './types.ts'

export interface ReceiptRow {
  readonly label: string
  readonly value: string
  /** The sum. */
  readonly strong?: boolean
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
    ...order.lines.map((line) => ({
      label: line.quantity > 1 ? `${line.quantity} × ${line.title}` : line.title,
      value: money(line.totalMinor + line.discountMinor),
    })),
    ...(order.discountMinor > 0
      ? [{ label: order.couponCode ?? 'Discount', value: `−${money(order.discountMinor)}` }]
      : []),
    { label: 'Total', value: money(order.totalMinor), strong: true },
    ...[...taxes].map(([label, minor]) => ({ label, value: money(minor) })),
  ]
}
