/**
 * Where a sandbox keeps its state. Everything with an id is a document of some kind: Stripe's
 * objects under their `object` name, and the sandbox's own records under kinds that begin with an
 * underscore. Documents are never changed in place; a change puts a new one under the same id.
 */
export type Doc = Readonly<{ id: string; object: string; [field: string]: unknown }>

/** One account = one isolated world, named after the API key it belongs to. */
export type AccountId = string

/** What must hold of a document. `path` walks into nested objects, `['metadata', 'order']`. */
export type Condition =
  | { path: readonly string[]; is: string | number | boolean | null }
  | { path: readonly string[]; in: readonly string[] }
  | { path: readonly string[]; contains: string }
  | { path: readonly string[]; startsWith: string }
  | { path: readonly string[]; compare: '<' | '<=' | '>' | '>='; to: number }
  | { not: Condition }
  | { any: readonly Condition[] }
  | { all: readonly Condition[] }

/** A page of documents, newest first: by `created`, then by the order they were first put. */
export type ListQuery = {
  limit: number
  /** Id of the document after which (older) the page begins. */
  after?: string
  /** Id of the document before which (newer) the page ends. */
  before?: string
  /** Bounds of `created` in unix seconds, both inclusive. */
  createdFrom?: number
  createdTo?: number
  conditions?: readonly Condition[]
  /** Leave out what was first put after this instant (milliseconds): a lagging read. */
  insertedUntilMs?: number
  /** Of events: only those delivered everywhere (true), or only the others (false). */
  delivered?: boolean
}

export type Page = { data: readonly Doc[]; hasMore: boolean }

/** The cursor of a list names no document of that kind. */
export class UnknownCursor extends Error {
  readonly id: string
  constructor(id: string) {
    super(`No document ${id} to page from`)
    this.id = id
  }
}

/** Work the engine does later by the sandbox's clock: a session's expiry, a debit's settlement. */
export type Task = {
  id: string
  atMs: number
  type: string
  /** Id of the object it is about; tasks are called off by it. */
  object: string
}

export type DeliveryStatus = 'pending' | 'succeeded' | 'failed' | 'dropped'

/** What goes wrong on purpose when this delivery is sent. */
export type DeliveryFault =
  | 'truncated_body'
  | 'bad_signature'
  | 'stale_timestamp'
  | 'wrong_livemode'
  | 'old_api_version'

export type DeliveryAttempt = {
  atMs: number
  /** HTTP status, or 0 when no answer came. */
  status: number
  durationMs: number
  /** First part of what the endpoint answered, or why no answer came. */
  note: string
}

/** One event on its way to one endpoint. */
export type Delivery = {
  id: string
  account: AccountId
  event: string
  eventType: string
  endpoint: string
  status: DeliveryStatus
  /** Kept back until released. */
  held: boolean
  createdMs: number
  /** Sandbox time of the next attempt while pending. */
  nextAtMs: number
  attempts: readonly DeliveryAttempt[]
  faults: readonly DeliveryFault[]
  /** `first`, or why there is another: `duplicate`, `redelivery`. */
  cause: 'first' | 'duplicate' | 'redelivery'
}

export type RequestEntry = {
  id: string
  account: AccountId
  atMs: number
  method: string
  path: string
  /** The route's pattern, `/v1/customers/{customer}`; empty when no route matched. */
  route: string
  status: number
  durationMs: number
  idempotencyKey: string | null
  /** Parameters as sent, shortened; card numbers are cut to their last four digits. */
  params: string
  error: string | null
}

/** Reading one account. What is put during a unit of work is seen by the rest of that unit. */
export interface Reader {
  readonly account: AccountId
  /** The sandbox's clock, milliseconds since 1970, fixed for the reader's life. */
  readonly nowMs: number
  get(kind: string, id: string): Promise<Doc | undefined>
  /** @throws UnknownCursor */
  list(kind: string, query: ListQuery): Promise<Page>
  /** Tasks due at or before an instant, earliest first. */
  dueTasks(untilMs: number, limit: number): Promise<readonly Task[]>
}

/** A reader whose writes are buffered, and kept only when the whole unit ends well. */
export interface Unit extends Reader {
  /** `listed: false` keeps a document out of lists (a deleted object that can still be read). */
  put(kind: string, doc: Doc, options?: { listed?: boolean }): void
  deliver(delivery: Delivery): void
  schedule(task: Task): void
  /** Calls off one task by its own id, or every task about an object, or those of one type. */
  unschedule(target: string, type?: string): void
}

/** What the store will probably be asked for, so that it can be read in one go. */
export type Prefetch = readonly { kind: string; id: string }[]

export type DeliveryFilter = {
  limit: number
  status?: DeliveryStatus
  held?: boolean
  event?: string
  endpoint?: string
}

/** A delivery taken for sending, with what is needed to send it. */
export type Claim = {
  delivery: Delivery
  /** Undefined when it no longer exists. */
  event: Doc | undefined
  endpoint: Doc | undefined
  /** The endpoint's record with its secrets (kind `_endpoint`). */
  endpointRecord: Doc | undefined
}

/** What came of one attempt, to be written down. */
export type DeliveryOutcome = {
  account: AccountId
  id: string
  status: DeliveryStatus
  nextAtMs: number
  attempt: DeliveryAttempt
}

export type Snapshot = { id: string; takenAtMs: number }

/** The port. Every adapter passes `store.contract.ts`. */
export interface Store {
  /**
   * Runs `job` alone in its account: no other writer of the account, in this process or another,
   * works at the same time. What it wrote is durable when the promise resolves. When `job`
   * throws, nothing of it remains and the promise rejects with the same error.
   */
  write<T>(account: AccountId, prefetch: Prefetch, job: (unit: Unit) => Promise<T>): Promise<T>
  /** A reader of what is committed. */
  read(account: AccountId): Promise<Reader>

  /** Which account holds a document; for pages whose address is all the visitor has. */
  accountOf(kind: string, id: string): Promise<AccountId | undefined>
  accounts(): Promise<readonly AccountId[]>

  /** The clock: real time plus one stored offset that all processes share. */
  nowMs(): Promise<number>
  offsetMs(): Promise<number>
  setOffsetMs(offsetMs: number): Promise<void>
  /** Calls back when any process may have moved the clock. Returns how to stop listening. */
  onClockMoved(listener: () => void): () => void

  /** Accounts that have a task due at or before the instant. */
  accountsWithDueTasks(untilMs: number): Promise<readonly AccountId[]>
  /** When the earliest task of all is due. */
  nextTaskAtMs(): Promise<number | undefined>

  /**
   * Takes due deliveries for sending, at most `perEndpoint` for each endpoint not in `busy`, and
   * keeps them from every other process for `leaseMs` of real time.
   */
  claimDeliveries(request: {
    /** Due at or before this instant; now when not given. */
    untilMs?: number
    perEndpoint: number
    busy: ReadonlyMap<string, number>
    leaseMs: number
    /** Only these, whatever their turn. */
    only?: readonly string[]
  }): Promise<readonly Claim[]>
  recordOutcomes(outcomes: readonly DeliveryOutcome[]): Promise<void>
  deliveries(account: AccountId, filter: DeliveryFilter): Promise<readonly Delivery[]>
  delivery(account: AccountId, id: string): Promise<Delivery | undefined>
  /** Deliveries of each event that have not succeeded yet. */
  undelivered(account: AccountId, events: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Lets held deliveries go; returns how many. */
  release(account: AccountId, atMs: number): Promise<number>
  /** How many deliveries still wait for an attempt due at or before the instant. */
  dueDeliveries(untilMs: number): Promise<number>

  logRequests(entries: readonly RequestEntry[]): Promise<void>
  requests(account: AccountId, limit: number): Promise<readonly RequestEntry[]>

  /** Forgets what is older than its keeping time by the sandbox's clock. */
  prune(limits: {
    account: AccountId
    eventsBeforeMs: number
    answersBeforeMs: number
    maxRequests: number
  }): Promise<void>

  /** Forgets everything of the account. */
  reset(account: AccountId): Promise<void>
  snapshot(account: AccountId, id: string): Promise<Snapshot>
  /** False when there is no such snapshot. */
  restore(account: AccountId, id: string): Promise<boolean>

  close(): Promise<void>
}

/** Fields (a dot leads into a hash) by which lists are filtered often; both adapters keep an index of them. */
export const INDEXED_FIELDS: Readonly<Record<string, readonly string[]>> = {
  customer: ['email'],
  price: ['product', 'lookup_key'],
  payment_method: ['customer'],
  payment_intent: ['customer'],
  'checkout.session': ['customer', 'payment_intent', 'subscription'],
  charge: ['customer', 'payment_intent'],
  refund: ['charge', 'payment_intent'],
  dispute: ['charge', 'payment_intent'],
  'radar.early_fraud_warning': ['charge', 'payment_intent'],
  balance_transaction: ['source'],
  subscription: ['customer', 'test_clock'],
  invoice: ['customer', 'parent.subscription_details.subscription'],
  invoiceitem: ['customer', 'invoice'],
  invoice_payment: ['invoice', 'payment.payment_intent'],
  setup_intent: ['customer'],
  promotion_code: ['code', 'promotion.coupon'],
  customer_balance_transaction: ['customer'],
}
