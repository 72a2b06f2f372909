import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { PaidLine } from './product-kind.ts'

/**
 * Something that a product of any kind may carry beside what its kind delivers, such as licence keys: the port between selling
 * and the modules that add to it. orders and routes know only this; boot/server/product-kinds.ts fills it in. All of it is
 * asked for every line that is paid, so a product that does not carry it must cost next to nothing.
 */
export interface ProductExtra {
  /** In the transaction of the fulfilment, after the line's entitlements were given. Safe when called again. */
  fulfil(tx: Tx, line: PaidLine): Promise<void>
  /** Some of the line's quantity was given back, or the refund failed; left of it are so many. 0: the line closes as well. */
  resize(tx: Tx, line: PaidLine, left: number): Promise<void>
  /** The lines now belong to somebody else. */
  moved(tx: Tx, lines: readonly PaidLine[]): Promise<void>
  /** What the receipt tells of it, beside what was paid. */
  receiptRows(
    db: Db,
    lines: readonly PaidLine[],
  ): Promise<readonly { readonly label: string; readonly value: string }[]>
  /** Gives one product what another carries (the owner duplicates it). */
  copy(tx: Tx, fromProductId: string, toProductId: string): Promise<void>
}
