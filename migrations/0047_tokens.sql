-- Tokens: what a paid period gives and bookings use. Lots hold them, entries say why each changed, and the database keeps both equal.

-- ---- as many as were bought: a plan that is edited later changes nothing for whoever has subscribed ----
alter table subscription_checkout add column token_allotment int not null default 0 check (token_allotment between 0 and 10000);
alter table subscription add column token_allotment int not null default 0 check (token_allotment between 0 and 10000);
update subscription_checkout set token_allotment = plan.token_allotment from plan where plan.id = plan_id;
update subscription set token_allotment = plan.token_allotment from plan where plan.id = plan_id;

create function checkout_notes_allotment() returns trigger language plpgsql as $$
begin
  new.token_allotment := coalesce((select token_allotment from plan where id = new.plan_id), 0);
  return new;
end $$;
create trigger subscription_checkout_notes_allotment before insert on subscription_checkout
  for each row execute function checkout_notes_allotment();

-- That of its checkout, if it is still to the plan it began with; of a plan it changes to, what that one gives on that day.
create function subscription_buys_allotment() returns trigger language plpgsql as $$
begin
  if new.plan_id is null or (tg_op = 'UPDATE' and new.plan_id is not distinct from old.plan_id) then
    return new;
  end if;
  new.token_allotment := coalesce(
    case when tg_op = 'INSERT' then
      (select token_allotment from subscription_checkout where id = new.checkout_id and plan_id = new.plan_id) end,
    (select token_allotment from plan where id = new.plan_id), 0);
  return new;
end $$;
create trigger subscription_buys_its_allotment before insert or update of plan_id on subscription
  for each row execute function subscription_buys_allotment();

-- ---- lots ----
create table token_lot (
  id uuid primary key,
  customer_id uuid not null references customer,
  source_kind text not null check (source_kind in ('plan_period', 'pack', 'manual', 'goodwill', 'returned')),
  -- What they came from, once for ever.
  source_key text not null unique check (length(source_key) between 1 and 120),
  subscription_id uuid references subscription,
  -- Whose payment gave them; when that goes back, so do they.
  invoice_id uuid unique references subscription_invoice,
  granted int not null check (granted between 1 and 10000),
  -- Changed by entries alone.
  remaining int not null default 0,
  -- From then on and before that, as the start of what they are used for.
  valid_from timestamptz not null check (isfinite(valid_from)),
  valid_until timestamptz check (isfinite(valid_until)),
  -- Of whoever gave them.
  words text not null default '' check (length(words) <= 500),
  -- Their payment went back, or is disputed.
  withdrawn_at timestamptz,
  created_at timestamptz not null default clock_now(),
  unique (id, customer_id),
  -- Nobody uses more than there is, whatever asks for it.
  constraint token_lot_suffices check (remaining between 0 and granted),
  check (valid_until > valid_from),
  check ((source_kind = 'plan_period') = (invoice_id is not null)),
  check ((source_kind = 'plan_period') <= (subscription_id is not null))
);
create index token_lot_of_customer on token_lot (customer_id, valid_until);
create index token_lot_of_subscription on token_lot (subscription_id, valid_from desc);
create index token_lot_to_expire on token_lot (valid_until) where remaining > 0;

create function token_lot_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'tokens that were given stay on record' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.customer_id, new.source_kind, new.source_key, new.subscription_id, new.invoice_id, new.granted, new.valid_from,
        new.valid_until, new.created_at)
       is distinct from (old.id, old.customer_id, old.source_kind, old.source_key, old.subscription_id, old.invoice_id, old.granted,
        old.valid_from, old.valid_until, old.created_at)
    or (new.remaining <> old.remaining and pg_trigger_depth() < 2) then
    raise exception 'what is left of a lot changes by entries alone, and nothing else of it' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger token_lot_changes_by_entries before update or delete on token_lot
  for each row execute function token_lot_stays();

-- ---- entries ----
create table token_entry (
  id bigint generated always as identity primary key,
  lot_id uuid not null,
  customer_id uuid not null,
  kind text not null check (kind in ('grant', 'hold', 'capture', 'release', 'expire', 'rollover', 'reverse', 'adjust')),
  delta int not null check (case kind
    when 'hold' then delta = -1 when 'capture' then delta = 0 when 'release' then delta = 1
    when 'grant' then delta > 0 when 'rollover' then delta > 0 when 'expire' then delta < 0 when 'reverse' then delta < 0
    else delta <> 0 end),
  -- No reference: what is booked lies above.
  appointment_id uuid,
  -- Of what caused it, so that it is done once.
  key text not null unique check (length(key) between 1 and 160),
  actor text not null check (actor in ('customer', 'owner', 'system')),
  reason text not null check (length(reason) between 1 and 200),
  at timestamptz not null default clock_now(),
  foreign key (lot_id, customer_id) references token_lot (id, customer_id),
  check ((kind in ('hold', 'capture', 'release')) <= (appointment_id is not null))
);
create index token_entry_of_customer on token_entry (customer_id, id desc);
create index token_entry_of_lot on token_entry (lot_id, id);
create index token_entry_of_appointment on token_entry (appointment_id, id) where appointment_id is not null;
create trigger token_entry_is_append_only before update or delete on token_entry
  for each row execute function refuse_change();

create function token_entry_counts() returns trigger language plpgsql as $$
begin
  update token_lot set remaining = remaining + new.delta where id = new.lot_id;
  return null;
end $$;
create trigger token_entry_changes_its_lot after insert on token_entry
  for each row execute function token_entry_counts();

-- ---- how each appointment is paid for: one row, so that it never uses two ----
create table token_use (
  appointment_id uuid primary key,
  customer_id uuid not null references customer,
  -- committed: waits for the next paid period of its subscription.
  state text not null check (state in ('committed', 'held', 'captured', 'released')),
  lot_id uuid references token_lot,
  subscription_id uuid references subscription,
  period_from timestamptz,
  starts_at timestamptz not null check (isfinite(starts_at)),
  -- Of the appointment when it was held.
  version int not null check (version >= 1),
  -- Attended, or cancelled late, before the period was paid.
  is_spent boolean not null default false,
  created_at timestamptz not null default clock_now(),
  check (case state when 'committed' then lot_id is null and subscription_id is not null and period_from is not null
    when 'released' then true else lot_id is not null end)
);
create index token_use_of_customer on token_use (customer_id, starts_at);
create index token_use_of_lot on token_use (lot_id, state);
create index token_use_committed on token_use (subscription_id, starts_at) where state = 'committed';

-- ---- spent, and their payment went back: visible, and taken from the next lot or waived ----
create table token_debt (
  lot_id uuid primary key,
  customer_id uuid not null,
  tokens int not null check (tokens >= 0),
  taken int not null default 0,
  waived_at timestamptz,
  created_at timestamptz not null default clock_now(),
  foreign key (lot_id, customer_id) references token_lot (id, customer_id),
  check (taken between 0 and tokens)
);
create index token_debt_open on token_debt (customer_id) where waived_at is null and taken < tokens;

do $$
declare
  name text;
begin
  foreach name in array array['token_lot', 'token_entry', 'token_use', 'token_debt'] loop
    execute format(
      'create trigger %I before truncate on %I for each statement execute function refuse_emptying_after_live_sales()',
      name || '_is_kept_after_live_sales', name);
  end loop;
end $$;
