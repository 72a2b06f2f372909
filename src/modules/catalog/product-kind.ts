import type { Db, Tx } from '#modules/platform/server/index.ts'

/** What a shopper is told about how a product is delivered and what is in it. */
export interface KindDescription {
  /** Beside the price: "3 files, 48 MB, yours at once". */
  readonly delivery: string
  /** The parts, in order: "Workbook.pdf" with "PDF, 42 pages, 12 MB". */
  readonly inside: readonly { readonly title: string; readonly detail: string }[]
}

/** A benefit that a paid line gives: what an entitlement is for. */
export interface Benefit {
  readonly benefit: string
  readonly subjectId: string
}

/** What was bought or given, as a kind sees it. */
export interface PaidLine {
  /** A line of an order, or something the owner gave. */
  readonly source: { readonly kind: 'order_line' | 'comp'; readonly id: string }
  readonly productId: string
  readonly customerId: string
  readonly quantity: number
}

/**
 * How one kind of product is delivered: the port between selling and the modules that deliver.
 * orders and routes know only this; boot/server/product-kinds.ts fills it in. Every kind passes
 * product-kind.contract.ts. Adding one: docs/START-HERE.md, "A new product kind".
 */
export interface ProductKind {
  /** As stored in product.kind, e.g. 'download'. */
  readonly kind: string
  /** Name for people: singular and plural. */
  readonly words: { readonly one: string; readonly many: string }
  /** What it gives is used up, so that whoever has it may buy it again. */
  readonly runsOut?: true
  /** Describes many products with a bounded number of queries; products of other kinds are left out. */
  describe(db: Db, productIds: readonly string[]): Promise<ReadonlyMap<string, KindDescription>>
  /** What is still missing before the product may go live, in the owner's words; [] = ready. */
  missing(db: Db, productId: string): Promise<readonly string[]>
  /** What a paid line entitles to. Same answer every time for the same line. */
  benefits(line: PaidLine): readonly Benefit[]
  /**
   * Does what this kind needs beyond the entitlements, in the transaction of the fulfilment. Called once a
   * line; safe when called again. No network, nothing slow: that is a job it sends.
   */
  fulfil(tx: Tx, line: PaidLine): Promise<void>
  /** Gives one product what another delivers (the owner duplicates it). The new one is an empty draft of this kind. */
  copy(tx: Tx, fromProductId: string, toProductId: string): Promise<void>
  /** Some of the line's quantity was given back; left of it are so many. Kinds that count nothing leave it out. */
  resize?(tx: Tx, line: PaidLine, left: number): Promise<void>
  /**
   * For a kind that is made of other products: what one of it holds now, in order. Such a product is sold as its parts, and
   * is asked for nothing else of this port. [] = nothing at the moment.
   */
  parts?(db: Db, productId: string): Promise<readonly string[]>
  /** The line's entitlements ended (refund, dispute lost). Safe when called again. */
  revoke(tx: Tx, line: PaidLine): Promise<void>
}
