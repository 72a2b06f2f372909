import type { Sandbox } from '../sandbox.ts'
import type { ClockReport, PayReport } from './commands.ts'
import { accountOfKey } from '../http/authenticate.ts'
import { Commands } from './commands.ts'
import { fields } from './fields.ts'

/** The control API of one account without HTTP: the same calls, the same refusals. */
export type Control = {
  /** The same for the account of another key. */
  as(key: string): Control
  /** `'8d'`, `'36h'`, `'90s'`: moves the clock of all accounts and does what became due. */
  advance(by: string): Promise<ClockReport>
  resetClock(): Promise<ClockReport>
  clock(): Promise<ClockReport>
  pay(payment: {
    session: string
    card?: string
    method?: 'card' | 'bank_debit'
    email?: string
    name?: string
    country?: string
    authenticate?: 'complete' | 'fail'
  }): Promise<PayReport>
  payInvoice(payment: {
    invoice: string
    card?: string
    authenticate?: 'complete' | 'fail'
  }): ReturnType<Commands['payInvoice']>
  settleAsync(payment: {
    session?: string
    payment_intent?: string
    outcome: 'succeeded' | 'failed'
  }): Promise<{ payment_intent: string; status: string }>
  putEndpoint(endpoint: {
    url: string
    secret?: string
    enabled_events?: readonly string[]
    name?: string
  }): Promise<{ id: string; url: string; secret: string; created: boolean }>
  trigger(
    happening: { event: string } & Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>>
  drift(
    object: string,
    changes: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>>
  setChaos(chaos: Readonly<Record<string, unknown>>): ReturnType<Commands['setChaos']>
  chaos(): ReturnType<Commands['chaos']>
  /** How unpaid invoices are asked for again, from now on. */
  setBilling(billing: {
    retry_after_days?: readonly number[]
    afterwards?: 'cancel' | 'mark_unpaid' | 'leave_past_due'
  }): ReturnType<Commands['setBilling']>
  hold(): ReturnType<Commands['hold']>
  release(): ReturnType<Commands['release']>
  deliveries(filter?: Readonly<Record<string, unknown>>): ReturnType<Commands['deliveries']>
  redeliver(id: string): ReturnType<Commands['redeliver']>
  stats(): ReturnType<Commands['stats']>
  requests(limit?: number): ReturnType<Commands['requests']>
  snapshot(): ReturnType<Commands['snapshot']>
  restore(id: string): ReturnType<Commands['restore']>
  /** Forgets the account, or all of it but its webhook endpoints. */
  reset(options?: { keep_endpoints?: boolean }): ReturnType<Commands['reset']>
}

export function controlOf(sandbox: Sandbox, key: string): Control {
  const commands = new Commands(sandbox, accountOfKey(key))
  return {
    as: (other) => controlOf(sandbox, other),
    advance: (by) => commands.moveClock(fields({ advance: by })),
    resetClock: () => commands.moveClock(fields({ reset: true })),
    clock: () => commands.clock(),
    pay: (payment) => commands.pay(fields(payment)),
    payInvoice: (payment) => commands.payInvoice(fields(payment)),
    settleAsync: (payment) => commands.settleAsync(fields(payment)),
    putEndpoint: (endpoint) => commands.putEndpoint(fields(endpoint)),
    trigger: (happening) => commands.trigger(fields(happening)),
    drift: (object, changes) => commands.drift({ object, changes }),
    setChaos: (chaos) => commands.setChaos(chaos),
    chaos: () => commands.chaos(),
    setBilling: (billing) => commands.setBilling(fields(billing), billing),
    hold: () => commands.hold(),
    release: () => commands.release(),
    deliveries: (filter = {}) => commands.deliveries(fields(filter)),
    redeliver: (id) => commands.redeliver(id),
    stats: () => commands.stats(),
    requests: (limit = 100) => commands.requests(fields({ limit })),
    snapshot: () => commands.snapshot(),
    restore: (id) => commands.restore(fields({ id })),
    reset: (options = {}) => commands.reset(fields(options)),
  }
}
