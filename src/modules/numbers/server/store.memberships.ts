import { sql } from 'kysely'
import type { Billed } from '#modules/memberships/recurring-revenue.ts'
import type { IntervalUnit, SubscriptionStatus } from '#modules/memberships/types.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { MembershipChange } from '../membership-days.ts'
import type { MembershipMoney, MoneyKind } from '../types.ts'
import { counting, endsAt, modes, startsAt, written, type Asked } from './store.ts'

/** Sums of one currency. */
export interface AskedMemberships extends Asked {
  readonly currency: string
}

/**
 * What each event of a subscription did. Where it stood after an event follows from the status and from whether it is billed; before,
 * from the event before. Renewals that change nothing are left out: they are most of the ledger.
 */
const steps = (asked: AskedMemberships) => sql`
  noted as (
    select e.id, e.subscription_id, e.at, e.plan_id, e.what, e.status, e.cause,
      e.revenue_delta_minor as revenue, e.committed_delta_minor as committed,
      sum(e.revenue_delta_minor) over so_far as billed,
      bool_or(e.what in ('surplus', 'gone')) over so_far as is_out,
      sum(case e.what when 'paused' then 1 when 'resumed' then -1 else 0 end) over so_far as pauses
    from subscription_event e
    join subscription s on s.id = e.subscription_id join stripe_backend b on b.id = s.backend_id
    where (e.what <> 'renewed' or e.revenue_delta_minor <> 0 or e.committed_delta_minor <> 0)
      and e.currency = ${asked.currency} and b.mode = any(${modes[asked.money]}::text[])
      and e.at < ${endsAt(asked.to, asked.zone)}
    window so_far as (partition by e.subscription_id order by e.id)
  ), stood as (
    select *, case
        when is_out or status in ('canceled', 'incomplete_expired') then 'ended'
        when status = 'trialing' then 'trial'
        when status = 'active' and billed > 0 then 'paying'
        when status = 'paused' or (status = 'active' and pauses > 0) then 'paused'
        when status in ('past_due', 'unpaid') then 'owing'
        else 'none' end as standing,
      coalesce(max(billed) over (partition by subscription_id order by id rows between unbounded preceding and 1 preceding), 0) > 0
        as has_paid
    from noted
  ), step as (
    select *, coalesce(lag(standing) over (partition by subscription_id order by id), 'none') as was from stood
  ), move as (
    select *, case
        when standing = 'paying' and was <> 'paying' then case when has_paid then 'back' else 'begun' end
        when standing = 'paying' and revenue > 0 then 'up'
        when standing = 'paying' and revenue < 0 then 'down'
        when standing = 'trial' and was not in ('trial', 'paying') then 'trial'
        when standing = 'ended' and was in ('paying', 'owing', 'paused') then 'ended'
        when standing = 'ended' and was = 'trial' then 'trial_lost'
        when was = 'paying' and standing in ('owing', 'paused') then standing
        when was = 'paying' and standing <> 'paying' then 'down'
      end as kind
    from step
  )`

/** What changed, by day and plan; everything before the period as one. */
export async function membershipChanges(
  db: Db,
  asked: AskedMemberships,
): Promise<(MembershipChange & { readonly planId: string | null })[]> {
  const { rows } = await sql<
    Omit<MembershipChange, 'day'> & { readonly day: string | null; readonly planId: string | null }
  >`
    with ${steps(asked)}
    select case when at >= ${startsAt(asked.from, asked.zone)} then to_char(at at time zone ${asked.zone}, 'YYYY-MM-DD') end as day,
      plan_id as "planId",
      sum(revenue)::int8 as "monthlyMinor", sum(committed)::int8 as "committedMinor",
      count(*) filter (where standing = 'paying') - count(*) filter (where was = 'paying') as paying,
      count(*) filter (where standing = 'trial') - count(*) filter (where was = 'trial') as trials,
      count(*) filter (where standing = 'owing') - count(*) filter (where was = 'owing') as owing,
      count(*) filter (where kind = 'begun') as begun,
      count(*) filter (where kind = 'ended') as ended,
      count(*) filter (where kind = 'trial') as "trialsBegun",
      count(*) filter (where kind = 'trial_lost') as "trialsLost",
      coalesce(sum(revenue) filter (where kind = 'begun'), 0)::int8 as "begunMinor",
      coalesce(sum(revenue) filter (where kind = 'back'), 0)::int8 as "backMinor",
      coalesce(sum(revenue) filter (where kind = 'up'), 0)::int8 as "upMinor",
      coalesce(sum(revenue) filter (where kind = 'down'), 0)::int8 as "downMinor",
      coalesce(sum(revenue) filter (where kind = 'owing'), 0)::int8 as "owingMinor",
      coalesce(sum(revenue) filter (where kind = 'paused'), 0)::int8 as "pausedMinor",
      coalesce(sum(revenue) filter (where kind = 'ended'), 0)::int8 as "endedMinor"
    from move group by 1, 2
  `.execute(db)
  return rows.map((row) => ({ ...row, day: row.day ?? undefined }))
}

/** What was paid and what went back, of days on which anything did. */
export async function membershipMoney(
  db: Db,
  asked: AskedMemberships,
): Promise<ReadonlyMap<string, MembershipMoney>> {
  const day = (column: string) =>
    sql`to_char(${sql.ref(column)} at time zone ${asked.zone}, 'YYYY-MM-DD')`
  const within = (column: string) =>
    sql`${sql.ref(column)} >= ${startsAt(asked.from, asked.zone)} and ${sql.ref(column)} < ${endsAt(asked.to, asked.zone)}`
  const backends = sql`(select id from stripe_backend where mode = any(${modes[asked.money]}::text[]))`
  const { rows } = await sql<MembershipMoney & { readonly day: string }>`
    select day, sum(paid)::int8 as "paidMinor", sum(refunded)::int8 as "refundedMinor", sum(lost)::int8 as "lostMinor"
    from (
      select ${day('i.paid_at')} as day, i.paid_minor as paid, 0 as refunded, 0 as lost
      from subscription_invoice i
      where i.status = 'paid' and i.paid_minor > 0 and ${within('i.paid_at')}
        and i.currency = ${asked.currency} and i.backend_id in ${backends}
      union all
      select ${day('r.created_at')}, 0, r.amount_minor, 0
      from subscription_refund r
      where ${within('r.created_at')} and r.state = any(${counting}::text[])
        and r.currency = ${asked.currency} and r.backend_id in ${backends}
      union all
      select ${day('d.lost_at')}, 0, 0, least(d.amount_minor, i.paid_minor - i.refunded_minor)
      from subscription_dispute d join subscription_invoice i on i.id = d.invoice_id
      where d.state = 'lost' and ${within('d.lost_at')}
        and i.currency = ${asked.currency} and d.backend_id in ${backends}
    ) moved group by day
  `.execute(db)
  return new Map(rows.map(({ day: on, ...money }) => [on, money]))
}

export interface PlanStanding {
  readonly planId: string
  readonly title: string
  readonly isEnabled: boolean
  readonly billed: readonly (Billed & { readonly times: number })[]
}

/** Who stands where with each plan of a currency, now. */
export async function planStandings(
  db: Db,
  asked: { readonly currency: string; readonly money: MoneyKind },
): Promise<PlanStanding[]> {
  const { rows } = await sql<{
    planId: string
    title: string
    isEnabled: boolean
    status: SubscriptionStatus | null
    amountMinor: number
    unit: IntervalUnit
    count: number
    isEnding: boolean
    isPaused: boolean
    times: number
  }>`
    select p.id as "planId", p.title, p.is_enabled as "isEnabled", s.status, s.amount_minor as "amountMinor",
      s.interval_unit as unit, s.interval_count as count, s.is_ending as "isEnding", s.is_paused as "isPaused",
      coalesce(s.times, 0) as times
    from plan p left join (
      select plan_id, status, amount_minor - recurring_off_minor as amount_minor, interval_unit, interval_count, cancels_at is not null as is_ending, is_paused,
        count(*) as times
      from subscription
      where is_live and surplus_reason is null and currency = ${asked.currency}
        and backend_id in (select id from stripe_backend where mode = any(${modes[asked.money]}::text[]))
      group by 1, 2, 3, 4, 5, 6, 7
    ) s on s.plan_id = p.id
    where p.currency = ${asked.currency}
    order by p.is_enabled desc, p.plan_group, p.tier, p.amount_minor, p.id
  `.execute(db)
  return [...Map.groupBy(rows, (row) => row.planId).values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    return [
      {
        planId: first.planId,
        title: first.title,
        isEnabled: first.isEnabled,
        billed: own.flatMap(({ status, amountMinor, unit, count, isEnding, isPaused, times }) =>
          status === null
            ? []
            : [{ status, amountMinor, interval: { unit, count }, isEnding, isPaused, times }],
        ),
      },
    ]
  })
}

export interface ChangeRow {
  readonly id: string
  readonly at: string
  readonly email: string | null
  readonly plan: string | null
  readonly what: string
  readonly standing: string
  readonly cause: string
  readonly revenueMinor: number
  readonly committedMinor: number
}

/** The ledger itself, oldest first, so many rows after a mark. */
export async function changeRows(
  db: Db,
  asked: AskedMemberships,
  after: string | undefined,
  most: number,
): Promise<ChangeRow[]> {
  const { rows } = await sql<ChangeRow>`
    select e.id::text as id, ${written('e.at', asked.zone)} as at, c.email, p.title as plan, e.what, e.status as standing, e.cause,
      e.revenue_delta_minor as "revenueMinor", e.committed_delta_minor as "committedMinor"
    from subscription_event e
    join subscription s on s.id = e.subscription_id join stripe_backend b on b.id = s.backend_id
    left join customer c on c.id = s.customer_id left join plan p on p.id = e.plan_id
    where e.at >= ${startsAt(asked.from, asked.zone)} and e.at < ${endsAt(asked.to, asked.zone)}
      and e.currency = ${asked.currency} and b.mode = any(${modes[asked.money]}::text[])
      ${
        after === undefined
          ? sql``
          : sql`and (e.at, e.id) > (select mark.at, mark.id from subscription_event mark where mark.id = ${after}::int8)`
      }
    order by e.at, e.id limit ${most}
  `.execute(db)
  return rows
}

/** In which currencies there are plans or were subscriptions. */
export async function membershipCurrencies(db: Db): Promise<string[]> {
  const { rows } = await sql<{ currency: string }>`
    select distinct currency from plan order by currency
  `.execute(db)
  return rows.map((row) => row.currency)
}

/** Of which kinds of money there were ever subscriptions. */
export async function kindsOfMemberships(db: Db): Promise<ReadonlySet<MoneyKind>> {
  const { rows } = await sql<{ mode: string }>`
    select b.mode from stripe_backend b where exists (select from subscription s where s.backend_id = b.id)
  `.execute(db)
  return new Set(rows.map((row) => (row.mode === 'live' ? 'real' : 'play')))
}
