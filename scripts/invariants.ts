/** A statement about the data that must always hold: the query counts what breaks it. */
export interface Invariant {
  /** As in docs/invariants.md. */
  readonly id: string
  readonly words: string
  /** One row, one column `broken`: 0 when it holds. Read-only. */
  readonly sql: string
}

/**
 * Whether the database keeps what it has acknowledged through a power cut. Asked by `npm run check` beside the others; not at
 * the end of tests, whose servers are thrown away and do not wait for the disk. That nothing is lost in a kill is tested
 * from outside (test/process).
 */
export const durability: Invariant = {
  id: 'I19',
  words: 'what is committed is on the disk: the database waits for it and can mend torn pages',
  sql: `select count(*) as broken from pg_settings
    where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'`,
}

/** What `npm run check` counts, on live data, at any time. All queries only read. */
export const invariants: readonly Invariant[] = [
  {
    id: 'I01',
    words: 'each paid checkout is exactly one order, each order one paid checkout with its payment',
    sql: `select (select count(*) from checkout c full join shop_order o on o.checkout_id = c.id
      where (c.state = 'paid' and o.id is null) or (o.id is not null and c.state is distinct from 'paid'))
      + (select count(*) - count(distinct checkout_id) from shop_order)
      + (select count(*) from shop_order o left join payment p on p.checkout_id = o.checkout_id where p.id is null) as broken`,
  },
  {
    id: 'I02',
    words:
      'each order line has its entitlement, once for each benefit, and it is the buyer’s; of a gift the one’s who took it',
    sql: `select (select count(*) from order_line l where not exists (
        select 1 from entitlement e where e.source_kind = 'order_line' and e.source_id = l.id
          and e.reason is distinct from 'reassigned')
        and not exists (select from gift where gift.order_id = l.order_id and redeemed_at is null))
      + (select count(*) from (select 1 from entitlement where source_kind = 'order_line'
        and reason is distinct from 'reassigned'
        group by source_id, benefit, subject_id having count(*) > 1) twice)
      + (select count(*) from entitlement e join order_line l on l.id = e.source_id
        join shop_order o on o.id = l.order_id left join gift g on g.order_id = o.id
        where e.source_kind = 'order_line' and e.reason is distinct from 'reassigned'
          and e.customer_id is distinct from case when g.order_id is null then o.customer_id else g.redeemed_by end) as broken`,
  },
  {
    id: 'I03',
    words:
      'no entitlement without the order line, the subscription, or the comp or gift with its reason, that it came from; what was given opens exactly while it says',
    sql: `select (select count(*) from entitlement e
      where not (e.source_kind = 'order_line' and exists (select 1 from order_line l where l.id = e.source_id))
        and not (e.source_kind = 'subscription' and exists (select 1 from subscription s where s.id = e.source_id))
        and not (e.source_kind = 'comp' and exists (select 1 from comp c where c.id = e.source_id
          and (c.ended_at is null or e.state not in ('active', 'pending', 'suspended'))))
        and not exists (select from given_plan g where g.id = e.source_id and g.kind = e.source_kind and g.plan_id = e.subject_id
          and g.customer_id = e.customer_id and e.benefit = 'plan'))
      + (select count(*) from given_plan g left join entitlement e on e.source_id = g.id and e.source_kind = g.kind
          where e.id is null or (g.ended_at is not null and e.state not in ('expired', 'revoked'))
            or (g.ended_at is null and e.state is distinct from
              case when g.kind = 'gift' and g.runs_from is null then 'pending' else 'active' end)
            or (e.state = 'active' and (e.ends_at is distinct from coalesce(g.comp_ends_at, g.runs_until)
              or (g.kind = 'gift' and e.starts_at is distinct from g.runs_from)))) as broken`,
  },
  {
    id: 'I04',
    words:
      'order total = sum of its lines less the discount = amount paid = amount of the checkout, in one currency',
    sql: `select count(*) as broken from shop_order o
      join checkout c on c.id = o.checkout_id
      left join payment p on p.checkout_id = o.checkout_id
      left join lateral (select sum(total_minor) as lines, sum(tax_minor) as tax, sum(discount_minor) as discount
        from order_line where order_id = o.id) l on true
      where o.total_minor is distinct from l.lines or o.tax_minor is distinct from l.tax
        or o.discount_minor is distinct from l.discount or o.discount_minor <> c.discount_minor
        or o.total_minor is distinct from p.amount_minor or o.total_minor <> c.total_minor
        or o.currency <> c.currency or o.currency is distinct from p.currency
        or exists (select from order_line where order_id = o.id and total_minor <> unit_minor * quantity - discount_minor)`,
  },
  {
    id: 'I05',
    words:
      'refunded is the sum of the refunds, at most what was paid; a line is closed by money exactly when its money or its number went back and was not kept, its order is disputed or was lost; a subscription exactly when its owner ended it with a refund, the last paid period went back whole and was not kept, a payment of it is disputed or was lost',
    sql: `with paid as (
        select i.*, first_value(i.period_ends_at) over (partition by i.subscription_id order by i.made_at desc, i.id desc) as last_end
        from subscription_invoice i where i.status = 'paid'
      ), gone as (
        select r.*, i.subscription_id from subscription_refund r join subscription_invoice i on i.id = r.invoice_id
        where r.state in ('pending', 'requires_action', 'succeeded')
      ), argued as (
        select d.state, i.subscription_id from subscription_dispute d join subscription_invoice i on i.id = d.invoice_id
      ), period as (
        select p.subscription_id, sum(p.paid_minor) as paid_minor, sum(back.minor) as gone_minor,
          (select g.does_then from gone g join paid q on q.id = g.invoice_id
            where q.subscription_id = p.subscription_id and q.period_ends_at is not distinct from q.last_end and g.does_then is not null
            order by g.created_at desc, g.id desc limit 1) as does_then
        from paid p cross join lateral (select coalesce(sum(g.amount_minor), 0) as minor from gone g where g.invoice_id = p.id) back
        where p.period_ends_at is not distinct from p.last_end group by p.subscription_id
      ), subscribed as (
        select s.id, s.money, s.is_to_end,
          exists (select from gone where gone.subscription_id = s.id and does_then = 'end') as is_ended,
          exists (select from argued where argued.subscription_id = s.id and state = 'lost') as is_lost,
          exists (select from argued where argued.subscription_id = s.id and state not in
            ('warning_needs_response', 'warning_under_review', 'warning_closed', 'prevented', 'won', 'lost')) as is_argued,
          coalesce(p.paid_minor > 0 and p.gone_minor >= p.paid_minor and p.does_then is distinct from 'keep', false) as is_back
        from subscription s left join period p on p.subscription_id = s.id
      ), line as (
        select l.id, l.total_minor, l.quantity, l.refunded_minor, l.refunded_quantity, o.is_disputed, o.is_dispute_lost,
          o.total_minor > 0 and o.refunded_minor >= o.total_minor as is_whole,
          coalesce(given.minor, 0) as given_minor, coalesce(given.quantity, 0) as given_quantity,
          coalesce(given.kept, false) as kept,
          not exists (select from order_line paid where paid.order_id = o.id and paid.total_minor > 0
            and not coalesce((select rl.keeps_access from refund_line rl join refund r on r.id = rl.refund_id
              where rl.order_line_id = paid.id and r.state in ('pending', 'requires_action', 'succeeded')
              order by r.created_at desc, r.id desc limit 1), false)) as all_kept
        from order_line l join shop_order o on o.id = l.order_id
        left join lateral (
          select sum(rl.amount_minor) as minor, sum(rl.quantity) as quantity,
            (array_agg(rl.keeps_access order by r.created_at desc, r.id desc))[1] as kept
          from refund_line rl join refund r on r.id = rl.refund_id
          where rl.order_line_id = l.id and r.state in ('pending', 'requires_action', 'succeeded')
        ) given on true
      ), told as (
        select *, is_whole or (total_minor > 0 and given_minor >= total_minor) or given_quantity >= quantity as is_full,
          kept or (total_minor = 0 and all_kept) as stays
        from line
      )
      select (select count(*) from subscription_invoice i where i.refunded_minor > i.paid_minor or i.refunded_minor <> least(i.paid_minor, coalesce((
          select sum(g.amount_minor) from gone g where g.invoice_id = i.id), 0)))
      + (select count(*) from subscribed where is_to_end <> (is_ended or is_lost) or money <> case when is_ended then 'refunded'
          when is_lost then 'dispute_lost' when is_argued then 'disputed' when is_back then 'refunded' else 'kept' end)
      + (select count(*) from payment p where p.refunded_minor <> least(p.amount_minor, coalesce((
          select sum(r.amount_minor) from refund r where r.payment_id = p.id and r.state in ('pending', 'requires_action', 'succeeded')), 0)))
      + (select count(*) from shop_order o join payment p on p.checkout_id = o.checkout_id where o.refunded_minor <> p.refunded_minor)
      + (select count(*) from told where refunded_minor <> case when is_whole then total_minor else least(given_minor, total_minor) end
          or refunded_quantity <> case when is_full then quantity else least(given_quantity, quantity) end)
      + (select count(*) from told join entitlement e on e.source_kind = 'order_line' and e.source_id = told.id
        where (e.state in ('active', 'pending') and ((is_full and not stays) or is_disputed or is_dispute_lost))
          or (e.reason = 'refunded' and not (is_full and not stays))
          or (e.reason = 'disputed' and (not is_disputed or is_dispute_lost))
          or (e.reason = 'dispute_lost' and not is_dispute_lost))
      + (select count(*) from shop_order o join payment p on p.checkout_id = o.checkout_id
        where o.is_disputed <> exists (select from dispute d where d.payment_id = p.id and d.state not in
            ('warning_needs_response', 'warning_under_review', 'warning_closed', 'prevented', 'won', 'lost'))
          or o.is_dispute_lost <> exists (select from dispute d where d.payment_id = p.id and d.state = 'lost')) as broken`,
  },
  {
    id: 'I06',
    words:
      'a customer has one live subscription of a group; each opens its plan, and no other, exactly as its standing, the grace and the time say',
    sql: `with rules as (
        select coalesce(max(grace_days), 7) as grace_days, coalesce(bool_or(pause_keeps_access), false) as pause_keeps from membership_rules
      ), told as (
        select s.id, s.plan_id, s.surplus_reason is null and not s.is_gone and s.plan_id is not null and s.customer_id is not null
          and s.status in ('active', 'trialing', 'past_due') and (s.cancels_at is null or s.cancels_at > clock_now())
          and (not s.is_paused or pause_keeps) and s.money = 'kept'
          and (s.status <> 'past_due' or coalesce(s.past_due_since, s.period_ends_at) + grace_days * interval '1 day' > clock_now()) as is_open
        from subscription s cross join rules
      )
      select (select count(*) from (select from subscription
          where is_live and surplus_reason is null and coalesce(member_id, customer_id) is not null
          group by backend_id, coalesce(member_id, customer_id), lower(plan_group) having count(*) > 1) twice)
      + (select count(*) from told where is_open and not exists (select from entitlement e where e.source_kind = 'subscription'
          and e.source_id = told.id and e.benefit = 'plan' and e.subject_id = told.plan_id
          and e.state = 'active' and (e.ends_at is null or e.ends_at > clock_now())))
      + (select count(*) from told join entitlement e on e.source_kind = 'subscription' and e.source_id = told.id
          where e.state = 'active' and (e.ends_at is null or e.ends_at > clock_now())
            and (not told.is_open or e.subject_id is distinct from told.plan_id)) as broken`,
  },
  {
    id: 'I07',
    words:
      'each plan has one price at Stripe, which is the plan’s own; nobody began to subscribe while a plan was disabled, and every disabling is on record',
    sql: `select (select count(*) from subscription s
        join lateral (select plan_id from subscription_event e where e.subscription_id = s.id and e.what = 'begun' order by e.id limit 1) begun on true
        where s.surplus_reason is null and s.status not in ('canceled', 'incomplete', 'incomplete_expired')
          and begun.plan_id is not null and not plan_was_offered(begun.plan_id, s.started_at))
      + (select count(*) from subscription_checkout k where not plan_was_offered(k.plan_id, k.created_at))
      + (select count(*) from plan p where p.is_enabled <> plan_was_offered(p.id, clock_now()))
      + (select count(*) from subscription_item i join subscription s on s.id = i.subscription_id
          left join plan_price at_stripe on at_stripe.plan_id = i.plan_id and at_stripe.backend_id = s.backend_id
          left join plan p on p.id = i.plan_id
          where i.plan_id is not null and (at_stripe.stripe_price_id is distinct from i.stripe_price_id or p.amount_minor <> i.amount_minor))
      + (select count(*) from plan_price k join plan p on p.id = k.plan_id join stripe_backend b on b.id = k.backend_id
          where k.stripe_price_id is null and p.is_enabled and b.closed_at is null and k.created_at < clock_now() - interval '1 day') as broken`,
  },
  {
    id: 'I08',
    words:
      'every Stripe object of ours hangs on a row that was there before the call; no checkout is left without an answer for a day',
    sql: `select (select count(*) from refund where state = 'requested' and created_at < clock_now() - interval '1 day')
      + (select count(*) from subscription_refund where state = 'requested' and created_at < clock_now() - interval '1 day')
      + (select count(*) from checkout where state = 'open' and stripe_session_id is null and created_at < clock_now() - interval '1 day') as broken`,
  },
  {
    id: 'I09',
    words:
      'a coupon’s uses are those paid and those held, at most what it allows, in all and for one person since its terms were set; each has its checkout',
    sql: `select (select count(*) from coupon c where c.uses <> (
        select count(*) from coupon_use u where u.coupon_id = c.id and u.state in ('held', 'used')) + (
        select count(*) from plan_coupon_use u where u.coupon_id = c.id and u.state in ('held', 'used')))
      + (select count(*) from (select 1 from plan_coupon_use u join coupon c on c.id = u.coupon_id
        where u.state in ('held', 'used') and u.person is not null and c.most_uses_per_customer is not null
        group by u.coupon_id, u.person, c.most_uses_per_customer, c.updated_at
        having count(*) > c.most_uses_per_customer and max(u.created_at) > c.updated_at) often)
      + (select count(*) from plan_coupon_use u join subscription_checkout k on k.id = u.checkout_id
        left join subscription s on s.checkout_id = k.id
        where (u.state = 'held' and (k.state <> 'open' or k.is_to_close))
          or (u.state in ('used', 'late') and k.state <> 'complete')
          or (u.state = 'freed' and k.state = 'complete' and s.surplus_reason is null))
      + (select count(*) from coupon where uses > most_uses)
      + (select count(*) from (select 1 from coupon_use u join coupon c on c.id = u.coupon_id
        where u.state in ('held', 'used') and u.person is not null and c.most_uses_per_customer is not null
        group by u.coupon_id, u.person, c.most_uses_per_customer, c.updated_at
        having count(*) > c.most_uses_per_customer and max(u.created_at) > c.updated_at) often)
      + (select count(*) from coupon_use u join checkout k on k.id = u.checkout_id
        left join shop_order o on o.checkout_id = k.id
        where (u.state = 'held' and k.state not in ('open', 'awaiting_payment'))
          or (u.state in ('used', 'late') and (k.state <> 'paid' or (o.total_minor > 0 and o.refunded_minor >= o.total_minor)))
          or (u.state = 'freed' and k.state = 'paid' and not (o.total_minor > 0 and o.refunded_minor >= o.total_minor))
          or u.discount_minor <> k.discount_minor) as broken`,
  },
  {
    id: 'I30',
    words:
      'a licence’s seats are those of one times what was bought and not given back, never fewer than are in use; each has its source, and each source of a product that gives keys has its licence',
    sql: `select (select count(*) from licence where seats_used <> (
        select count(*) from licence_activation a where a.licence_id = licence.id) or seats_used > seats)
      + (select count(*) from licence left join order_line l on l.id = licence.source_id
        where source_kind = 'order_line' and (l.id is null or l.product_id <> licence.product_id
          or (l.refunded_quantity < l.quantity and licence.quantity <> l.quantity - l.refunded_quantity)
          or licence.quantity > l.quantity))
      + (select count(*) from licence where not exists (select from entitlement e where e.source_kind = licence.source_kind
          and e.source_id = licence.source_id and e.benefit = 'product' and e.subject_id = licence.product_id))
      + (select count(*) from licence_offer o join entitlement e on e.benefit = 'product' and e.subject_id = o.product_id
        where o.is_on and not o.owes_earlier and e.source_kind in ('order_line', 'comp') and e.reason is distinct from 'reassigned'
          and not exists (select from licence where licence.source_kind = e.source_kind and licence.source_id = e.source_id
            and licence.product_id = e.subject_id)) as broken`,
  },
  {
    id: 'I11',
    words:
      'what is left of each lot of tokens is the sum of its entries, never below nothing at any of them and never more than was given',
    sql: `select (select count(*) from token_lot l
          where l.remaining <> (select coalesce(sum(e.delta), 0) from token_entry e where e.lot_id = l.id)
            or l.remaining < 0 or l.remaining > l.granted)
      + (select count(*) from (select sum(delta) over (partition by lot_id order by id) as left_then from token_entry) each
          where left_then < 0) as broken`,
  },
  {
    id: 'I12',
    words:
      'an appointment has at most one token at a time, gives back only what it has, and stands as its entries say',
    sql: `select (select count(*) from (
          select sum(case kind when 'hold' then 1 when 'release' then -1 else 0 end) over (partition by appointment_id order by id) as has,
            kind from token_entry where kind in ('hold', 'capture', 'release')) each
          where has not in (0, 1) or (kind = 'capture' and has <> 1))
      + (select count(*) from token_use u where (u.state in ('held', 'captured')) <>
          (1 = (select coalesce(sum(case kind when 'hold' then 1 when 'release' then -1 else 0 end), 0) from token_entry e
            where e.appointment_id = u.appointment_id)))
      + (select count(*) from token_entry e where e.kind = 'hold'
          and not exists (select from token_use u where u.appointment_id = e.appointment_id)) as broken`,
  },
  {
    id: 'I13',
    words:
      'one allotment for each paid period of a subscription, and no lot of a plan without its allotment, of as many tokens',
    sql: `select (select count(*) from (
          select from allotment a join subscription_invoice i on i.id = a.invoice_id
          where i.reason in ('subscription_create', 'subscription_cycle') and a.period_started_at < a.period_ends_at
          group by a.subscription_id, a.period_started_at having count(*) > 1) twice)
      + (select count(*) from token_lot l left join allotment a on a.invoice_id = l.invoice_id
          where l.source_kind = 'plan_period' and (a.invoice_id is null or a.tokens <> l.granted
            or a.subscription_id <> l.subscription_id)) as broken`,
  },
  {
    id: 'I14',
    words:
      'no two occasions of the owner’s share a minute, buffers included, apart from those the owner forced, each on record; one that stands has somebody in it, and each appointment has a seat of its own',
    sql: `select (select count(*) from occasion one join occasion other on one.id < other.id and one.blocked && other.blocked
          where one.released_at is null and other.released_at is null and not one.overlap_allowed and not other.overlap_allowed)
      + (select count(*) from occasion o where (o.released_at is null)
          <> exists (select from appointment a where a.occasion_id = o.id and a.state <> 'cancelled'))
      + (select count(*) from (select from appointment where state <> 'cancelled' group by occasion_id, seat having count(*) > 1) twice)
      + (select count(*) from appointment a join occasion o on o.id = a.occasion_id where a.seat > o.seats)
      + (select count(*) from occasion o join appointment a on a.occasion_id = o.id where o.overlap_allowed and a.state <> 'cancelled'
          and not exists (select from audit_entry e where e.subject_kind = 'appointment' and e.subject_id = a.id::text)) as broken`,
  },
  {
    id: 'I15',
    words:
      'sessions are used by the appointments that were booked with them and not given back, one of which stands at most; each paid service line has its sessions',
    sql: `select (select count(*) from session_right r where used <> (
        select count(*) from appointment a where a.right_id = r.id and not a.session_returned))
      + (select count(*) from (select from appointment where state = 'confirmed' and right_id is not null
          group by right_id having count(*) > 1) twice)
      + (select count(*) from appointment a join occasion o on o.id = a.occasion_id join session_right r on r.id = a.right_id
          where r.product_id <> o.product_id)
      + (select count(*) from entitlement e join product p on p.id = e.subject_id and p.kind = 'service'
          where e.benefit = 'product' and e.source_kind in ('order_line', 'comp') and e.state = 'active' and not exists (
            select from session_right r where r.source_kind = e.source_kind and r.source_id = e.source_id and r.product_id = e.subject_id))
      as broken`,
  },
  {
    id: 'I17',
    words: 'one account for an address; what guests bought at a proven address is with its account',
    sql: `select (select count(*) from (select 1 from member group by lower(email) having count(*) > 1) twice)
      + (select count(*) from customer where member_id is null and claimed_at is not null)
      + (select count(*) from customer where member_id is null and exists (
        select from member where member.email = customer.email)) as broken`,
  },
  {
    id: 'I18',
    words: 'each stored file has its checksum and is referred to, or is younger than two days',
    sql: `select count(*) as broken from stored_file f where f.sha256 !~ '^[0-9a-f]{64}$'
      or (f.created_at < clock_now() - interval '2 days'
        and not exists (select from avatar where large_file_id = f.id or small_file_id = f.id)
        and not exists (select from image_variant where file_id = f.id)
        and not exists (select from download_version where file_id = f.id))`,
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
    words:
      'each act of the owner on money or access has its audit row: refunds and what they were for, orders moved, comps, plans given and taken back, answers to banks, withdrawals decided, coupons made',
    sql: `with act as (select action, subject_id, count(*) as times from audit_entry group by action, subject_id)
      select (select count(*) from (select o.id from refund r join payment p on p.id = r.payment_id
          join shop_order o on o.checkout_id = p.checkout_id where r.requested_by is not null group by o.id
          having count(*) > coalesce((select times from act where action = 'order.refund_requested' and subject_id = o.id::text), 0)) unheard)
      + (select count(*) from (select i.subscription_id from subscription_refund r join subscription_invoice i on i.id = r.invoice_id
          where r.requested_by is not null group by i.subscription_id having count(*) > coalesce((select times from act
            where action = 'subscription.refund_requested' and subject_id = i.subscription_id::text), 0)) unheard)
      + (select count(*) from shop_order o where exists (select from refund_line rl join order_line l on l.id = rl.order_line_id
          where l.order_id = o.id) and not exists (select from act
          where action in ('order.refund_requested', 'order.refund_assigned') and subject_id = o.id::text))
      + (select count(*) from shop_order o where o.link_version > 0 and o.link_version >
          coalesce((select times from act where action = 'order.reassigned' and subject_id = o.id::text), 0))
      + (select count(*) from comp c where not exists (select from act where action = 'comp.given' and subject_id = c.id::text)
          or (c.ended_at is not null and not exists (select from act where action = 'comp.ended' and subject_id = c.id::text)))
      + (select count(*) from given_plan g where not exists (select from act where action = 'plan.given' and subject_id = g.id::text)
          or (g.ended_reason is not null and not exists (select from act where action = 'plan.taken_back' and subject_id = g.id::text)
            and exists (select from customer where customer.id = g.customer_id and customer.email not like '%@erased.invalid')))
      + (select count(*) from dispute_answer d where not exists (select from act
          where action in ('dispute.evidence_sent', 'dispute.accepted') and subject_id = d.dispute_id::text))
      + (select count(*) from withdrawal w where w.state <> 'received'
          and not exists (select from act where action = 'withdrawal.' || w.state and subject_id = w.id::text))
      + (select count(*) from coupon c where not exists (select from act
          where action = 'coupon.created' and subject_id = c.id::text)) as broken`,
  },
  {
    id: 'I25',
    words: 'sums of likes and comments are those of the rows',
    sql: `select (select count(*) from (select post_id, count(*) as n from post_like group by post_id) l
          full join post_tally t using (post_id) where coalesce(l.n, 0) <> coalesce(t.likes, 0))
      + (select count(*) from (select post_id, count(*) as n from comment where state = 'shown' group by post_id) c
          full join post_tally t using (post_id) where coalesce(c.n, 0) <> coalesce(t.comments, 0))
      + (select count(*) from (select comment_id, count(*) as n from comment_like group by comment_id) l
          full join comment_tally t using (comment_id) where coalesce(l.n, 0) <> coalesce(t.likes, 0)) as broken`,
  },
  {
    id: 'I28',
    words: 'there is one clock; once real money came in, it is real time',
    sql: `select (select abs(count(*) - 1) from clock)
      + (select count(*) from clock where offset_ms < 0
        or (offset_ms <> 0 and exists (select from shop_order where mode = 'live'))) as broken`,
  },
  {
    id: 'I27',
    words: 'order numbers are unique',
    sql: `select count(*) - count(distinct number) as broken from shop_order`,
  },
]
