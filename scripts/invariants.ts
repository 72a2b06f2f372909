/** A statement about the data that must always hold: the query counts what breaks it. */
export interface Invariant {
  /** As in docs/invariants.md. */
  readonly id: string
  readonly words: string
  /** One row, one column `broken`: 0 when it holds. Read-only. */
  readonly sql: string
}

/** What `npm run check` counts, on live data, at any time. All queries only read. */
export const invariants: readonly Invariant[] = [
  {
    id: 'I01',
    words: 'each paid checkout is exactly one order, each order one paid checkout with its payment',
    sql: `select (select count(*) from checkout c full join shop_order o on o.checkout_id = c.id
      where (c.state = 'paid' and o.id is null) or (o.id is not null and c.state is distinct from 'paid'))
      + (select count(*) from shop_order o left join payment p on p.checkout_id = o.checkout_id where p.id is null) as broken`,
  },
  {
    id: 'I02',
    words: 'each order line has its entitlement, once for each benefit',
    sql: `select (select count(*) from order_line l where not exists (
        select 1 from entitlement e where e.source_kind = 'order_line' and e.source_id = l.id))
      + (select count(*) from (select 1 from entitlement where source_kind = 'order_line'
        group by source_id, benefit, subject_id having count(*) > 1) twice) as broken`,
  },
  {
    id: 'I03',
    words: 'no entitlement without what it came from',
    sql: `select count(*) as broken from entitlement e
      where e.source_kind = 'order_line' and not exists (select 1 from order_line l where l.id = e.source_id)`,
  },
  {
    id: 'I04',
    words: 'order total = sum of its lines = amount paid = amount of the checkout, in one currency',
    sql: `select count(*) as broken from shop_order o
      join checkout c on c.id = o.checkout_id
      left join payment p on p.checkout_id = o.checkout_id
      left join lateral (select sum(total_minor) as lines, sum(tax_minor) as tax from order_line where order_id = o.id) l on true
      where o.total_minor is distinct from l.lines or o.tax_minor is distinct from l.tax
        or o.total_minor is distinct from p.amount_minor or o.total_minor <> c.total_minor
        or o.currency <> c.currency or o.currency is distinct from p.currency`,
  },
  {
    id: 'I05',
    words:
      'refunded is the sum of the refunds, at most what was paid; nothing opens whose money went back whole, is disputed or was lost; nothing else is closed by money',
    sql: `select (select count(*) from payment p where p.refunded_minor <> least(p.amount_minor, coalesce((
        select sum(r.amount_minor) from refund r where r.payment_id = p.id and r.state in ('pending', 'requires_action', 'succeeded')), 0)))
      + (select count(*) from shop_order o join payment p on p.checkout_id = o.checkout_id where o.refunded_minor <> p.refunded_minor)
      + (select count(*) from entitlement e join order_line l on e.source_kind = 'order_line' and e.source_id = l.id
        join shop_order o on o.id = l.order_id
        where e.state in ('active', 'pending')
          and ((o.refunded_minor >= o.total_minor and o.total_minor > 0) or o.is_disputed or o.is_dispute_lost))
      + (select count(*) from shop_order o join payment p on p.checkout_id = o.checkout_id
        where o.is_disputed <> exists (select from dispute d where d.payment_id = p.id and d.state not in
            ('warning_needs_response', 'warning_under_review', 'warning_closed', 'prevented', 'won', 'lost'))
          or o.is_dispute_lost <> exists (select from dispute d where d.payment_id = p.id and d.state = 'lost'))
      + (select count(*) from entitlement e join order_line l on e.source_kind = 'order_line' and e.source_id = l.id
        join shop_order o on o.id = l.order_id
        where (e.reason = 'refunded' and o.refunded_minor < o.total_minor)
          or (e.reason = 'disputed' and not o.is_disputed) or (e.reason = 'dispute_lost' and not o.is_dispute_lost)) as broken`,
  },
  {
    id: 'I08',
    words:
      'every Stripe object of ours hangs on a row that was there before the call; no checkout is left without an answer for a day',
    sql: `select (select count(*) from refund where state = 'requested' and created_at < clock_now() - interval '1 day')
      + (select count(*) from checkout where state = 'open' and stripe_session_id is null and created_at < clock_now() - interval '1 day') as broken`,
  },
  {
    id: 'I17',
    words:
      'one account for an address; a guest is claimed by an account that has proved that very address',
    sql: `select (select count(*) from (select 1 from member group by lower(email) having count(*) > 1) twice)
      + (select count(*) from customer where member_id is null and claimed_at is not null) as broken`,
  },
  {
    id: 'I18',
    words: 'each stored file has its checksum and is referred to, or is younger than a day',
    sql: `select count(*) as broken from stored_file f where length(f.sha256) <> 64 or f.byte_size < 0`,
  },
  {
    id: 'I21',
    words: 'one receipt for each order; no mail stuck in sending for an hour',
    sql: `select (select count(*) from shop_order o where (
        select count(*) from email_message m where m.template = 'receipt' and m.entity_key = o.id::text || ':first') <> 1)
      + (select count(*) from email_message where state = 'sending' and leased_until < machine_now() - interval '1 hour') as broken`,
  },
  {
    id: 'I22',
    words:
      'each event ends done, ignored or in a visible list; none waits past its time for more than an hour',
    sql: `select count(*) as broken from stripe_event where state = 'pending' and next_attempt_at < clock_now() - interval '1 hour'`,
  },
  {
    id: 'I23',
    words: 'no job is active past its end',
    sql: `select case when to_regclass('pgboss.job') is null then 0 else (
      xpath('/row/c/text()', query_to_xml('select count(*) as c from pgboss.job where state = ''active''
        and started_on + expire_seconds * interval ''1 second'' < now() - interval ''10 minutes''', false, true, '')))[1]::text::int end as broken`,
  },
  {
    id: 'I24',
    words: 'each refund asked for by the owner has its audit row',
    sql: `select count(*) as broken from refund r where r.requested_by is not null and not exists (
      select 1 from audit_entry a join shop_order o on o.id::text = a.subject_id join payment p on p.checkout_id = o.checkout_id
      where a.action = 'order.refund_requested' and p.id = r.payment_id)`,
  },
  {
    id: 'I27',
    words: 'order numbers are unique',
    sql: `select count(*) - count(distinct number) as broken from shop_order`,
  },
]
