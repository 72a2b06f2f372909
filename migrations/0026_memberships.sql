-- Memberships. Plans are ours; who subscribes to them and what was paid is Stripe's, mirrored here so that no page waits for Stripe.

-- What a subscription is to. What it costs, how often and in which group never changes; it is disabled, never deleted (I07).
create table plan (
  id uuid primary key default gen_random_uuid(),
  title text not null check (length(title) between 1 and 80),
  description text not null default '' check (length(description) <= 1000),
  -- Of plans of one group a customer has one at a time; upper and lower case are the same group.
  plan_group text not null default 'Membership' check (length(plan_group) between 1 and 60),
  -- A higher one holds more: what a change of plan is, up or down.
  tier int not null default 1 check (tier between 1 and 99),
  amount_minor bigint not null check (amount_minor between 1 and 99999999),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  interval_unit text not null check (interval_unit in ('day', 'week', 'month', 'year')),
  -- Three years are the longest that Stripe takes.
  interval_count int not null check (interval_count between 1 and
    case interval_unit when 'day' then 1095 when 'week' then 156 when 'month' then 36 else 3 end),
  -- Of whoever subscribes from now on.
  trial_days int not null default 0 check (trial_days between 0 and 730),
  -- Tokens for each paid period.
  token_allotment int not null default 0 check (token_allotment between 0 and 10000),
  is_enabled boolean not null default true,
  is_example boolean not null default false,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now()
);
create index plan_in_order on plan (is_enabled, plan_group, tier, amount_minor, id);
create trigger plan_is_public after insert or update or delete on plan
  for each statement execute function bump_public_version();

-- When it could be subscribed to and when not: append-only, written by the table itself.
create table plan_event (
  id bigint generated always as identity primary key,
  plan_id uuid not null references plan on delete cascade,
  at timestamptz not null default clock_now(),
  what text not null check (what in ('created', 'enabled', 'disabled'))
);
create index plan_event_by_plan on plan_event (plan_id, id);
create function plan_event_stays() returns trigger language plpgsql as $$
begin
  -- In a cascade the plan's row is gone already: an example that nobody subscribed to.
  if tg_op = 'DELETE' and not exists (select from plan where id = old.plan_id) then
    return old;
  end if;
  raise exception 'what happened to a plan stays as it was written' using errcode = 'restrict_violation';
end $$;
create trigger plan_event_is_append_only before update or delete on plan_event
  for each row execute function plan_event_stays();

create function plan_keeps_its_price() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    -- What the program brought and nobody took may go again; every reference to it refuses by itself.
    if not old.is_example then
      raise exception 'a plan is never deleted; disable it' using errcode = 'restrict_violation';
    end if;
    return old;
  end if;
  if (new.id, new.plan_group, new.amount_minor, new.currency, new.interval_unit, new.interval_count, new.created_at)
       is distinct from
     (old.id, old.plan_group, old.amount_minor, old.currency, old.interval_unit, old.interval_count, old.created_at) then
    raise exception 'the price, interval and group of a plan never change; make a new plan' using errcode = 'restrict_violation';
  end if;
  if new.is_example and not old.is_example then
    raise exception 'what the owner made does not become an example' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger plan_never_changes before update or delete on plan
  for each row execute function plan_keeps_its_price();

create function tell_plan_event() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into plan_event (plan_id, what) values (new.id, 'created');
    if not new.is_enabled then
      insert into plan_event (plan_id, what) values (new.id, 'disabled');
    end if;
  elsif new.is_enabled <> old.is_enabled then
    insert into plan_event (plan_id, what) values (new.id, case when new.is_enabled then 'enabled' else 'disabled' end);
  end if;
  return null;
end $$;
create trigger plan_tells_its_events after insert or update on plan
  for each row execute function tell_plan_event();

-- ---- what Stripe knows of our plans, by backend: one product, and one price a plan ----
create table membership_product (
  backend_id int primary key references stripe_backend,
  stripe_product_id text,
  created_at timestamptz not null default clock_now()
);
-- Committed before Stripe is asked (I08): the plan's id is the key, so a lost answer is asked for again and not done again.
create table plan_price (
  plan_id uuid not null references plan on delete cascade,
  backend_id int not null references stripe_backend,
  stripe_price_id text,
  -- What Stripe was last heard to say: whether it can be subscribed to, and the title beside it.
  is_active_there boolean,
  title_there text,
  -- When Stripe is to be asked (again); null = both sides agree.
  due_at timestamptz default clock_now(),
  tries int not null default 0,
  last_error text check (length(last_error) <= 500),
  created_at timestamptz not null default clock_now(),
  primary key (plan_id, backend_id),
  unique (backend_id, stripe_price_id)
);
create index plan_price_due on plan_price (due_at) where due_at is not null;
create function stripe_id_stays() returns trigger language plpgsql as $$
begin
  if old.stripe_price_id is not null and new.stripe_price_id is distinct from old.stripe_price_id then
    raise exception 'a plan has one price at each backend' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger plan_price_stays before update on plan_price
  for each row execute function stripe_id_stays();

-- A member as Stripe knows them: made before their first checkout. Its id is the key.
create table stripe_customer (
  id uuid primary key,
  backend_id int not null references stripe_backend,
  member_id uuid references member on delete set null,
  stripe_customer_id text,
  created_at timestamptz not null default clock_now(),
  -- Deleted at Stripe: the next checkout makes a new one.
  gone_at timestamptz,
  unique (backend_id, stripe_customer_id)
);
create unique index stripe_customer_one_each on stripe_customer (backend_id, member_id) where gone_at is null;
create index stripe_customer_by_member on stripe_customer (member_id);

-- ---- an attempt to subscribe, committed before Stripe is asked ----
create table subscription_checkout (
  id uuid primary key,
  backend_id int not null references stripe_backend,
  member_id uuid references member on delete set null,
  plan_id uuid not null references plan,
  state text not null default 'open' check (state in ('open', 'complete', 'expired', 'failed')),
  -- As it stood on the page; 0 = paid at once.
  trial_days int not null check (trial_days between 0 and 730),
  stripe_session_id text,
  stripe_session_url text,
  expires_at timestamptz,
  -- The session is to be closed: the plan was disabled, or the member chose another one.
  is_to_close boolean not null default false,
  due_at timestamptz default clock_now() + interval '2 minutes',
  failure text check (length(failure) <= 500),
  created_at timestamptz not null default clock_now(),
  finished_at timestamptz,
  unique (backend_id, stripe_session_id),
  check ((state = 'open') = (finished_at is null))
);
-- Pressed twice, or in two tabs: one session for a member and a plan.
create unique index subscription_checkout_one_open on subscription_checkout (backend_id, member_id, plan_id)
  where state = 'open' and not is_to_close;
create index subscription_checkout_due on subscription_checkout (due_at) where state = 'open';
create index subscription_checkout_by_plan on subscription_checkout (plan_id) where state = 'open';
create index subscription_checkout_by_member on subscription_checkout (member_id, created_at desc);
create trigger subscription_checkout_backend_is_open before insert on subscription_checkout
  for each row execute function backend_is_open();

-- Nobody subscribes to what is disabled; the row is held, so that disabling waits for who was first, and then closes them.
create function plan_is_offered() returns trigger language plpgsql as $$
begin
  perform from plan where id = new.plan_id and is_enabled for share;
  if not found then
    raise exception 'nobody subscribes to a plan that is disabled'
      using errcode = 'check_violation', constraint = 'plan_is_offered';
  end if;
  return new;
end $$;
create trigger subscription_checkout_plan_is_offered before insert on subscription_checkout
  for each row execute function plan_is_offered();

-- ---- the mirror ----
create table subscription (
  id uuid primary key,
  backend_id int not null references stripe_backend,
  stripe_subscription_id text not null,
  stripe_customer_id text not null,
  -- null: Stripe has it, and nobody here is known to hold it.
  customer_id uuid references customer,
  member_id uuid references member on delete set null,
  checkout_id uuid references subscription_checkout,
  -- null: its price is none of ours.
  plan_id uuid references plan,
  plan_group text not null,
  status text not null check (status in
    ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled', 'unknown')),
  is_live boolean not null generated always as (status in ('trialing', 'active', 'past_due', 'unpaid', 'paused')) stored,
  -- Why it is to be cancelled and given back: the holder has another one, or the plan was disabled before it began.
  surplus_reason text check (surplus_reason in ('second', 'plan_disabled')),
  surplus_settled_at timestamptz,
  -- What the next renewal asks for.
  amount_minor bigint not null check (amount_minor >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  interval_unit text not null check (interval_unit in ('day', 'week', 'month', 'year')),
  interval_count int not null check (interval_count >= 1),
  started_at timestamptz not null,
  period_started_at timestamptz,
  period_ends_at timestamptz,
  trial_ends_at timestamptz,
  -- When it is to end, however it was asked for; and how, since taking it back is said in the same way.
  cancels_at timestamptz,
  cancels_by text check (cancels_by in ('period_end', 'date')),
  ended_at timestamptz,
  past_due_since timestamptz,
  is_paused boolean not null default false,
  resumes_at timestamptz,
  -- A change to be done when the paid period ends.
  next_plan_id uuid references plan,
  -- Of what Stripe told last, less what moves by itself: what differs without an event has drifted.
  digest text not null,
  -- Stripe does not know it any more.
  is_gone boolean not null default false,
  synced_at timestamptz not null default clock_now(),
  created_at timestamptz not null default clock_now(),
  unique (backend_id, stripe_subscription_id),
  check ((cancels_at is null) = (cancels_by is null))
);
-- I06: at most one of a group at a time. One that should not be is kept apart until it is cancelled.
create unique index subscription_one_live on subscription (backend_id, coalesce(member_id, customer_id), lower(plan_group))
  where status in ('trialing', 'active', 'past_due', 'unpaid', 'paused') and surplus_reason is null;
create index subscription_by_customer on subscription (customer_id, started_at desc);
create index subscription_by_member on subscription (member_id, started_at desc);
create index subscription_by_plan on subscription (plan_id, status);
create index subscription_by_synced on subscription (backend_id, synced_at);
create index subscription_by_stripe_customer on subscription (backend_id, stripe_customer_id);
create index subscription_surplus on subscription (started_at) where surplus_reason is not null and surplus_settled_at is null;
create index subscription_next on subscription (period_ends_at) where next_plan_id is not null;

-- Whether a plan could be subscribed to at a moment, by its events. Stripe tells whole seconds.
create function plan_was_offered(plan uuid, moment timestamptz) returns boolean language sql stable as $$
  select coalesce((
    select what <> 'disabled' from plan_event
    where plan_id = plan and at <= moment order by plan_event.id desc limit 1
  ), true)
$$;
create function subscription_begins_offered() returns trigger language plpgsql as $$
begin
  if new.plan_id is not null and new.surplus_reason is null
    and new.status not in ('canceled', 'incomplete', 'incomplete_expired')
    and not plan_was_offered(new.plan_id, new.started_at)
  then
    raise exception 'nobody subscribes to a plan that is disabled'
      using errcode = 'check_violation', constraint = 'plan_is_offered';
  end if;
  return new;
end $$;
create trigger subscription_plan_was_offered before insert on subscription
  for each row execute function subscription_begins_offered();
create function subscription_stays_itself() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'a subscription is never deleted' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.backend_id, new.stripe_subscription_id, new.started_at, new.created_at)
       is distinct from (old.id, old.backend_id, old.stripe_subscription_id, old.started_at, old.created_at) then
    raise exception 'a subscription stays the one it is' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger subscription_never_becomes_another before update or delete on subscription
  for each row execute function subscription_stays_itself();

create table subscription_item (
  subscription_id uuid not null references subscription,
  stripe_item_id text not null,
  stripe_price_id text not null,
  plan_id uuid references plan,
  quantity int not null check (quantity >= 0),
  amount_minor bigint not null check (amount_minor >= 0),
  period_started_at timestamptz,
  period_ends_at timestamptz,
  primary key (subscription_id, stripe_item_id)
);
create index subscription_item_by_plan on subscription_item (plan_id);

create table subscription_invoice (
  id uuid primary key,
  backend_id int not null references stripe_backend,
  subscription_id uuid not null references subscription,
  stripe_invoice_id text not null,
  number text,
  status text not null check (status in ('draft', 'open', 'paid', 'uncollectible', 'void', 'unknown')),
  -- What it is for: subscription_create, subscription_cycle, subscription_update ...
  reason text not null,
  due_minor bigint not null,
  paid_minor bigint not null check (paid_minor >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  period_started_at timestamptz,
  period_ends_at timestamptz,
  -- Of its payment: which a refund is made of.
  stripe_payment_intent_id text,
  attempts int not null default 0,
  next_attempt_at timestamptz,
  hosted_url text,
  pdf_url text,
  made_at timestamptz not null,
  paid_at timestamptz,
  synced_at timestamptz not null default clock_now(),
  unique (backend_id, stripe_invoice_id)
);
create index subscription_invoice_by_subscription on subscription_invoice (subscription_id, made_at desc);
create index subscription_invoice_by_intent on subscription_invoice (backend_id, stripe_payment_intent_id);

-- What a paid invoice gave: one row each, for ever. Tokens are as many as the plan allotted when it was paid.
create table allotment (
  invoice_id uuid primary key references subscription_invoice,
  subscription_id uuid not null references subscription,
  plan_id uuid references plan,
  tokens int not null check (tokens >= 0),
  period_started_at timestamptz,
  period_ends_at timestamptz,
  created_at timestamptz not null default clock_now()
);
create index allotment_by_subscription on allotment (subscription_id, created_at desc);
create index allotment_by_plan on allotment (plan_id);
create trigger allotment_is_append_only before update or delete on allotment
  for each row execute function refuse_change();

-- What happened to a subscription and what caused it: append-only, and what the numbers are added up from.
create table subscription_event (
  id bigint generated always as identity primary key,
  subscription_id uuid not null references subscription,
  at timestamptz not null default clock_now(),
  what text not null check (what in ('begun', 'status', 'renewed', 'cancel_set', 'cancel_unset', 'plan', 'paused', 'resumed',
    'surplus', 'drift', 'gone')),
  status text not null,
  plan_id uuid references plan,
  cause text not null,
  detail jsonb not null default '{}',
  -- What it changed of a month's revenue, and of the committed part of it.
  revenue_delta_minor bigint not null default 0,
  committed_delta_minor bigint not null default 0,
  currency text not null
);
create index subscription_event_by_subscription on subscription_event (subscription_id, id);
create index subscription_event_by_time on subscription_event (at, id);
create index subscription_event_by_plan on subscription_event (plan_id);
create trigger subscription_event_is_append_only before update or delete on subscription_event
  for each row execute function refuse_change();

-- Who had their trial in a group: a member, a mailbox (without its tags), a card. One trial for a person.
create table trial_claim (
  kind text not null check (kind in ('member', 'mailbox', 'card')),
  person text not null check (length(person) between 1 and 254),
  plan_group text not null check (plan_group = lower(plan_group)),
  subscription_id uuid not null references subscription,
  claimed_at timestamptz not null default clock_now(),
  primary key (kind, person, plan_group)
);
create index trial_claim_by_subscription on trial_claim (subscription_id);

-- How long a renewal that failed shuts nobody out, and whether a pause does.
create table membership_rules (
  only_row boolean primary key default true check (only_row),
  grace_days int not null default 7 check (grace_days between 0 and 60),
  pause_keeps_access boolean not null default false
);
insert into membership_rules default values;

-- ---- what the rest of the house has to know of it ----
-- When all subscriptions were last compared with Stripe's.
alter table stripe_cursor add column subscriptions_swept_at timestamptz;

create or replace function refuse_emptying_after_live_sales() returns trigger language plpgsql as $$
begin
  if exists (select from shop_order where mode = 'live')
    or exists (
      select from payment join stripe_backend on stripe_backend.id = payment.backend_id where stripe_backend.mode = 'live')
    or exists (
      select from checkout join stripe_backend on stripe_backend.id = checkout.backend_id
      where stripe_backend.mode = 'live' and checkout.state in ('open', 'awaiting_payment', 'paid'))
    or exists (
      select from subscription join stripe_backend on stripe_backend.id = subscription.backend_id
      where stripe_backend.mode = 'live')
    or exists (
      select from subscription_checkout join stripe_backend on stripe_backend.id = subscription_checkout.backend_id
      where stripe_backend.mode = 'live' and subscription_checkout.state in ('open', 'complete'))
  then
    raise exception '% is not emptied: this shop has taken real money', tg_table_name using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
do $$
declare
  name text;
begin
  foreach name in array array[
    'subscription', 'subscription_checkout', 'subscription_invoice', 'subscription_event', 'allotment', 'trial_claim'
  ] loop
    execute format(
      'create trigger %I before truncate on %I for each statement execute function refuse_emptying_after_live_sales()',
      name || '_is_kept_after_live_sales', name);
  end loop;
end $$;
