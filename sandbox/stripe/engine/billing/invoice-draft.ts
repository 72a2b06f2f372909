import type { Invoice, InvoiceItem } from '../objects/invoice.ts'
import type { Work } from '../work.ts'
import type { LineDraft } from './invoice-lines.ts'
import { liveCustomer } from '../customer.ts'
import { linesOn, liveInvoice, withLines } from './invoice.ts'
import { noteLine } from './invoice-lines.ts'
import { standingDiscounts } from './subscription-discounts.ts'

/** A draft with the items that are on it now: those that came, changed and went. */
export async function redrawn(work: Work, id: string): Promise<Invoice> {
  const before = await liveInvoice(work, id, 'invoice')
  const page = await work.list('invoiceitem', {
    limit: 250,
    conditions: [{ path: ['invoice'], is: id }],
  })
  const items = page.data
    .filter((item): item is InvoiceItem => !('deleted' in item) && item.invoice === id)
    .toReversed()
  const own = before.lines.data.filter((line) => noteOf(line) === null)
  const lines: LineDraft[] = [...items.map(noteLine), ...own]
  const customer = await liveCustomer(work, before.customer, 'customer')
  const discounts = await standingDiscounts(work, before.discounts, work.now)
  const drawn = linesOn(work, id, { lines, discounts }).map((line) => {
    const known = before.lines.data.find(
      (old) => (noteOf(old) ?? old.id) === (noteOf(line) ?? line.id),
    )
    return known === undefined ? line : { ...line, id: known.id }
  })
  const after = withLines(before, drawn, customer)
  work.update('invoice', 'invoice.updated', before, after)
  return after
}

/** The invoice item behind a line; null for a line of a subscription's period. */
function noteOf(line: Pick<LineDraft, 'parent'>): string | null {
  return (
    line.parent.invoice_item_details?.invoice_item ??
    line.parent.subscription_item_details?.invoice_item ??
    null
  )
}
