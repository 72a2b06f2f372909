import type { DeliveryProfile } from './delivery/profiles.ts'

/** How a sandbox is set up. Everything has a default. */
export type SandboxOptions = {
  /** 0 = any free port (the default in a program; the command defaults to 12111). */
  port?: number
  host?: string
  /** `memory`, or the connection string of a PostgreSQL (>= 15). */
  store?: string
  /** Base of every link and form action in the pages; may carry a path. */
  publicUrl?: string
  /** `schema.table` of the same database whose one row's `offset_ms` is the clock. */
  clockTable?: string
  /** The same ids on every run. */
  seed?: number
  delivery?: DeliveryProfile
  /** API requests a second for each account. */
  rateLimit?: number | 'off'
  /** Accept only this key. */
  key?: string
  /** Check every answer and event against Stripe's schemas; a violation answers 500. */
  validate?: boolean
  /** Deliveries to one endpoint at the same time. */
  parallelDeliveries?: number
  /** How long an endpoint may take to answer. */
  deliveryTimeoutMs?: number
  /** Sandbox time until a bank debit settles. */
  debitSettlesAfterMs?: number
  /** Sandbox time until a pending refund succeeds, or a doomed one fails. */
  refundSettlesAfterMs?: number
}
