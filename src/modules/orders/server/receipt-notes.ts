import type { Db } from '#modules/platform/server/index.ts'

/**
 * Sentences that a purchase's receipt has to repeat, such as what the buyer agreed to: a mail is the durable copy that a
 * consumer is owed. Source: Directive 2011/83/EU, Article 8 (7).
 */
export type ReceiptNotes = (db: Db, checkoutId: string) => Promise<readonly string[]>

let reader: ReceiptNotes = () => Promise.resolve([])

/** Filled once by boot. */
export function provideReceiptNotes(notes: ReceiptNotes): void {
  reader = notes
}

export function receiptNotes(db: Db, checkoutId: string): Promise<readonly string[]> {
  return reader(db, checkoutId)
}
