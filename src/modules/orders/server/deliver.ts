import { grant } from '#modules/entitlements/server/index.ts'
import type { Cause } from '#modules/entitlements/types.ts'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { OrderLine, OrderWithLines } from '../types.ts'
import { productExtras, productKind } from './kinds.ts'
import { paidLine } from './money-moves.ts'

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

/** What the receipt tells of things that the lines carry besides, such as licence keys. */
export async function extraRows(
  db: Db,
  order: OrderWithLines,
): Promise<readonly { readonly label: string; readonly value: string }[]> {
  const lines = order.lines.map((line) => paidLine(order, line))
  const rows = await Promise.all(productExtras().map((extra) => extra.receiptRows(db, lines)))
  return rows.flat()
}
