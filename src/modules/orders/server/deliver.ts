import { grant } from '#modules/entitlements/server/index.ts'
import type { Cause } from '#modules/entitlements/types.ts'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { OrderLine, OrderWithLines } from '../types.ts'
import { productExtras, productKind } from './kinds.ts'
import type { ReceiptParts } from './mails/receipt.ts'
import { paidLine } from './money-moves.ts'
import { receiptNotes } from './receipt-notes.ts'

/** Gives a customer what these lines were bought for, and lets each kind do its part. Safe when called again. */
export async function deliver(
  tx: Tx,
  customerId: string,
  lines: readonly OrderLine[],
  cause: string,
  actor: Cause['actor'] = 'stripe',
): Promise<void> {
  const paidLines = lines.map((line) => ({ line, paid: paidLine({ customerId }, line) }))
  await grant(
    tx,
    paidLines.flatMap(({ line, paid }) =>
      productKind(line.kind)
        .benefits(paid)
        .map((benefit) => ({ customerId, ...benefit, source: paid.source })),
    ),
    { actor, cause },
  )
  for (const { line, paid } of paidLines) {
    await productKind(line.kind).fulfil(tx, paid)
    for (const extra of productExtras()) await extra.fulfil(tx, paid)
  }
}

/** What the receipt tells besides what was paid: things that the lines carry, such as licence keys, and what must be repeated. */
export async function receiptParts(db: Db, order: OrderWithLines): Promise<ReceiptParts> {
  const lines = order.lines.map((line) => paidLine(order, line))
  const rows = await Promise.all(productExtras().map((extra) => extra.receiptRows(db, lines)))
  return { extras: rows.flat(), notes: await receiptNotes(db, order.checkoutId) }
}
