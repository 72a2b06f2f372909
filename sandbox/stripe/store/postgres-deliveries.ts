import type { Pool } from 'pg'
import type {
  AccountId,
  Claim,
  Delivery,
  DeliveryAttempt,
  DeliveryFault,
  DeliveryFilter,
  DeliveryOutcome,
  Doc,
} from './store.ts'

type Row = Readonly<Record<string, unknown>>

/** The deliveries of all accounts: the part of the store that is worked by several processes at once. */
export class PostgresDeliveries {
  readonly #pool: Pool
  readonly #claimDue: string

  /** @param nowSql an expression for the sandbox's now in milliseconds */
  constructor(pool: Pool, nowSql: string) {
    this.#pool = pool
    this.#claimDue = claimDue(nowSql)
  }

  async claim(request: {
    untilMs?: number
    perEndpoint: number
    busy: ReadonlyMap<string, number>
    leaseMs: number
    only?: readonly string[]
  }): Promise<readonly Claim[]> {
    const { rows } = await this.#pool.query<Row>(
      request.only === undefined ? this.#claimDue : CLAIM_NAMED,
      request.only === undefined
        ? [
            request.untilMs === undefined ? null : Math.floor(request.untilMs),
            request.perEndpoint,
            JSON.stringify(Object.fromEntries(request.busy)),
            request.leaseMs,
          ]
        : [request.only, request.leaseMs],
    )
    return rows.map((row) => ({
      delivery: deliveryOf(row),
      event: documentOf(row['event_doc']),
      endpoint: documentOf(row['endpoint_doc']),
      endpointRecord: documentOf(row['record_doc']),
    }))
  }

  async record(outcomes: readonly DeliveryOutcome[]): Promise<void> {
    if (outcomes.length === 0) return
    // Only a pending delivery: one that another process took over and finished stays finished.
    await this.#pool.query(
      `update stripe_sandbox.delivery d
       set status = o.status, next_at_ms = o.next_at_ms, lease_until = null,
           attempts = d.attempts || jsonb_build_array(o.attempt)
       from json_to_recordset($1) as o (account text, id text, status text, next_at_ms bigint, attempt jsonb)
       where d.account = o.account and d.id = o.id and d.status = 'pending'`,
      [
        JSON.stringify(
          outcomes.map((one) => ({
            account: one.account,
            id: one.id,
            status: one.status,
            next_at_ms: Math.round(one.nextAtMs),
            attempt: one.attempt,
          })),
        ),
      ],
    )
  }

  async list(account: AccountId, filter: DeliveryFilter): Promise<readonly Delivery[]> {
    const { rows } = await this.#pool.query<Row>(
      `select * from stripe_sandbox.delivery
       where account = $1 and ($2::text is null or status = $2) and ($3::boolean is null or held = $3)
         and ($4::text is null or event = $4) and ($5::text is null or endpoint = $5)
       order by seq desc limit $6`,
      [
        account,
        filter.status ?? null,
        filter.held ?? null,
        filter.event ?? null,
        filter.endpoint ?? null,
        filter.limit,
      ],
    )
    return rows.map(deliveryOf)
  }

  async get(account: AccountId, id: string): Promise<Delivery | undefined> {
    const { rows } = await this.#pool.query<Row>(
      'select * from stripe_sandbox.delivery where account = $1 and id = $2',
      [account, id],
    )
    return rows[0] === undefined ? undefined : deliveryOf(rows[0])
  }

  async undelivered(
    account: AccountId,
    events: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    if (events.length === 0) return new Map()
    const { rows } = await this.#pool.query<{ event: string; open: string }>(
      `select event, count(*) as open from stripe_sandbox.delivery
       where account = $1 and event = any($2) and status <> 'succeeded' group by event`,
      [account, events],
    )
    return new Map(rows.map((row) => [row.event, Number(row.open)]))
  }

  async release(account: AccountId, atMs: number): Promise<number> {
    const { rowCount } = await this.#pool.query(
      `update stripe_sandbox.delivery set held = false, next_at_ms = least(next_at_ms, $2)
       where account = $1 and held and status = 'pending'`,
      [account, Math.floor(atMs)],
    )
    return rowCount ?? 0
  }

  async due(untilMs: number): Promise<number> {
    const { rows } = await this.#pool.query<{ due: string }>(
      `select count(*) as due from stripe_sandbox.delivery
       where status = 'pending' and not held and next_at_ms <= $1`,
      [Math.floor(untilMs)],
    )
    return Number(rows[0]?.due ?? 0)
  }
}

/** What a claim gives back beside the delivery, so that nothing else has to be read to send it. */
const WITH_DOCUMENTS = `
  select taken.*, ev.doc as event_doc, ep.doc as endpoint_doc, er.doc as record_doc
  from taken
  left join stripe_sandbox.object ev on ev.account = taken.account and ev.kind = 'event' and ev.id = taken.event
  left join stripe_sandbox.object ep on ep.account = taken.account and ep.kind = 'webhook_endpoint' and ep.id = taken.endpoint
  left join stripe_sandbox.object er on er.account = taken.account and er.kind = '_endpoint' and er.id = taken.endpoint
  order by taken.next_at_ms, taken.seq`

/** $1 until (null = now), $2 per endpoint, $3 busy endpoints as json, $4 lease. */
const claimDue = (nowSql: string): string => `
  with clock as materialized (select coalesce($1::bigint, (${nowSql})::bigint) as until_ms),
  due as (
    select d.account, d.id
    from clock
    cross join lateral (
      select distinct account, endpoint from stripe_sandbox.delivery
      where status = 'pending' and not held and next_at_ms <= clock.until_ms
    ) e
    cross join lateral (
      select account, id from stripe_sandbox.delivery
      where account = e.account and endpoint = e.endpoint and status = 'pending' and not held
        and next_at_ms <= clock.until_ms and (lease_until is null or lease_until < now())
      order by next_at_ms, seq
      limit greatest(0, $2::int - coalesce(($3::json ->> e.endpoint)::int, 0))
      for update skip locked
    ) d
  ), taken as (
    update stripe_sandbox.delivery d set lease_until = now() + $4 * interval '1 ms'
    from due where d.account = due.account and d.id = due.id returning d.*
  ) ${WITH_DOCUMENTS}`

/** $1 ids, $2 lease. */
const CLAIM_NAMED = `
  with due as (
    select account, id from stripe_sandbox.delivery
    where id = any($1) and status = 'pending' and not held
      and (lease_until is null or lease_until < now())
    for update skip locked
  ), taken as (
    update stripe_sandbox.delivery d set lease_until = now() + $2 * interval '1 ms'
    from due where d.account = due.account and d.id = due.id returning d.*
  ) ${WITH_DOCUMENTS}`

function deliveryOf(row: Row): Delivery {
  return {
    id: String(row['id']),
    account: String(row['account']),
    event: String(row['event']),
    eventType: String(row['event_type']),
    endpoint: String(row['endpoint']),
    // The columns hold what Unit.deliver and recordOutcomes were given, which has these types.
    status: row['status'] as Delivery['status'],
    held: row['held'] === true,
    createdMs: Number(row['created_ms']),
    nextAtMs: Number(row['next_at_ms']),
    attempts: row['attempts'] as readonly DeliveryAttempt[],
    faults: row['faults'] as readonly DeliveryFault[],
    cause: row['cause'] as Delivery['cause'],
  }
}

function documentOf(value: unknown): Doc | undefined {
  // A joined `doc` column: what put() was given, or null where there is no such row.
  return (value as Doc | null) ?? undefined
}
