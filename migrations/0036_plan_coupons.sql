-- Coupons of plans. What comes off is ours to say; Stripe takes it off each invoice, so it has a coupon of its own for each set of terms.

-- A coupon is for products or for plans. One for plans covers no product, so that a program that knows none of it takes nothing off.
alter table coupon
  add column plan_duration text check (plan_duration in ('once', 'repeating', 'forever')),
  add column plan_months int check (plan_months between 1 and 36),
  add column covers_all_plans boolean not null default false,
  add constraint coupon_has_months check ((plan_duration is not distinct from 'repeating') = (plan_months is not null)),
  add constraint coupon_is_for_plans_or_products check (
    case when plan_duration is null then not covers_all_plans else not covers_all end);
create table coupon_plan (
  coupon_id uuid not null references coupon on delete cascade,
  plan_id uuid not null references plan on delete cascade,
  primary key (coupon_id, plan_id)
);
create index coupon_plan_by_plan on coupon_plan (plan_id);

-- What a coupon is at Stripe, where nothing of it ever changes: a row for each set of terms it was used with. Committed before Stripe is
-- asked (I08): the id there is made of this one, so a lost answer is asked for again and not done again.
create table coupon_at_stripe (
  id uuid primary key,
  coupon_id uuid not null references coupon,
  backend_id int not null references stripe_backend,
  basis_points int,
  amount_minor bigint,
  currency text,
  duration text not null check (duration in ('once', 'repeating', 'forever')),
  months int,
  -- null: Stripe has not answered yet.
  made_at timestamptz,
  -- Deleted at Stripe: the next use makes a new one.
  gone_at timestamptz,
  created_at timestamptz not null default clock_now(),
  check ((basis_points is null) <> (amount_minor is null)),
  check ((amount_minor is null) = (currency is null)),
  check ((duration = 'repeating') = (months is not null))
);
create unique index coupon_at_stripe_one_each on coupon_at_stripe
  (coupon_id, backend_id, coalesce(basis_points, 0), coalesce(amount_minor, 0), coalesce(currency, ''), duration, coalesce(months, 0))
  where gone_at is null;
create function coupon_at_stripe_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (to_jsonb(new) - '{made_at,gone_at}'::text[]) is distinct from (to_jsonb(old) - '{made_at,gone_at}'::text[]) then
    raise exception 'what a coupon is at Stripe never changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger coupon_at_stripe_never_changes before update or delete on coupon_at_stripe
  for each row execute function coupon_at_stripe_stays();

-- With which coupon somebody is about to subscribe.
alter table subscription_checkout add column coupon_at_stripe_id uuid references coupon_at_stripe;
create index subscription_checkout_by_coupon on subscription_checkout (coupon_at_stripe_id) where coupon_at_stripe_id is not null;

-- One checkout's share in a coupon of plans: held while it is open, used once it has begun a subscription.
create table plan_coupon_use (
  -- Held in the transaction that opens the checkout, and before it.
  checkout_id uuid primary key references subscription_checkout deferrable initially deferred,
  coupon_id uuid not null references coupon,
  -- One word for one mailbox, whatever tags were added to it.
  person text check (length(person) <= 254),
  -- What came off everything that was paid so far.
  discount_minor bigint not null default 0 check (discount_minor >= 0),
  state text not null default 'held' check (state in ('held', 'used', 'freed', 'late')),
  -- Of a held one: which network holds it.
  network text check (length(network) <= 100),
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now()
);
create index plan_coupon_use_by_coupon on plan_coupon_use (coupon_id, created_at desc);
create index plan_coupon_use_by_person on plan_coupon_use (coupon_id, person) where state in ('held', 'used');
create index plan_coupon_use_held on plan_coupon_use (coupon_id, network) where state = 'held';

-- Counted like the uses of products: taking one locks the coupon's row.
create function plan_coupon_use_is_counted() returns trigger language plpgsql as $$
declare
  step int := (new.state in ('held', 'used'))::int;
  most int;
begin
  if tg_op = 'UPDATE' then step := step - (old.state in ('held', 'used'))::int; end if;
  if step = 0 and (tg_op = 'INSERT' or new.person is not distinct from old.person) then return null; end if;
  update coupon set uses = uses + step where id = new.coupon_id returning most_uses_per_customer into most;
  if step > 0 and most is not null and (
    select count(*) from plan_coupon_use
    where coupon_id = new.coupon_id and person = new.person and state in ('held', 'used')
  ) > most then
    raise exception 'this person has used the coupon' using errcode = 'check_violation', constraint = 'coupon_per_customer';
  end if;
  return null;
end $$;
create trigger plan_coupon_use_is_counted after insert or update on plan_coupon_use
  for each row execute function plan_coupon_use_is_counted();
create trigger plan_coupon_use_stays before delete on plan_coupon_use
  for each row execute function refuse_change();

-- A use follows its checkout, whoever ends that: given back when nothing began, used when something did. One that had been given back
-- counts again where there is room, and else as late: what was begun with it stays begun.
create function plan_coupon_use_follows() returns trigger language plpgsql as $$
declare
  own plan_coupon_use%rowtype;
  has_room boolean;
begin
  select * into own from plan_coupon_use where checkout_id = new.id for update;
  if not found then return null; end if;
  if new.state = 'complete' and own.state = 'held' then
    update plan_coupon_use set state = 'used', network = null, updated_at = clock_now() where checkout_id = new.id;
  elsif new.state = 'complete' and old.state <> 'complete' and own.state = 'freed' then
    perform from coupon where id = own.coupon_id for update;
    select (c.most_uses is null or c.uses < c.most_uses) and (c.most_uses_per_customer is null or own.person is null or (
        select count(*) from plan_coupon_use u where u.coupon_id = c.id and u.person = own.person and u.state in ('held', 'used')
      ) < c.most_uses_per_customer)
    into has_room from coupon c where c.id = own.coupon_id;
    update plan_coupon_use set state = case when has_room then 'used' else 'late' end, updated_at = clock_now() where checkout_id = new.id;
  elsif own.state = 'held' and (new.state in ('expired', 'failed') or new.is_to_close) then
    update plan_coupon_use set state = 'freed', network = null, updated_at = clock_now() where checkout_id = new.id;
  end if;
  return null;
end $$;
create trigger subscription_checkout_tells_its_coupon after update on subscription_checkout
  for each row when (new.coupon_at_stripe_id is not null) execute function plan_coupon_use_follows();

-- What it is for stays once somebody has used it: its uses are counted in one place.
create function coupon_stays_of_its_kind() returns trigger language plpgsql as $$
begin
  if (old.plan_duration is null) <> (new.plan_duration is null) and (
    exists (select from coupon_use where coupon_id = old.id) or exists (select from plan_coupon_use where coupon_id = old.id)
  ) then
    raise exception 'a coupon that was used stays for products or for plans' using errcode = 'check_violation', constraint = 'coupon_kind';
  end if;
  return new;
end $$;
create trigger coupon_stays_of_its_kind before update on coupon
  for each row execute function coupon_stays_of_its_kind();

-- ---- the mirror: what comes off a subscription's payments, as Stripe says ----
alter table subscription
  -- null: nothing.
  add column discount_duration text check (discount_duration in ('once', 'repeating', 'forever')),
  add column discount_basis_points int,
  add column discount_amount_minor bigint,
  add column discount_ends_at timestamptz,
  -- As it is called there; which of our coupons that is, if any.
  add column discount_name text check (length(discount_name) <= 200),
  add column coupon_at_stripe_id uuid references coupon_at_stripe,
  -- Of what comes off again and again, in minor units of one payment: the month's revenue is what is left.
  add column recurring_off_minor bigint not null default 0 check (recurring_off_minor >= 0),
  add constraint subscription_discount check (
    (discount_duration is null) = (discount_basis_points is null and discount_amount_minor is null)
      and (discount_basis_points is null or discount_amount_minor is null));
create index subscription_by_coupon on subscription (coupon_at_stripe_id) where coupon_at_stripe_id is not null;
-- What a coupon took off an invoice.
alter table subscription_invoice add column discount_minor bigint not null default 0 check (discount_minor >= 0);

alter table subscription_event
  drop constraint subscription_event_what_check,
  add constraint subscription_event_what_check check (what in ('begun', 'status', 'renewed', 'cancel_set', 'cancel_unset', 'plan',
    'change_set', 'change_unset', 'grace_ending', 'grace_over', 'paused', 'resumed', 'surplus', 'drift', 'gone',
    'discount_set', 'discount_over'));

create trigger plan_coupon_use_is_kept_after_live_sales before truncate on plan_coupon_use
  for each statement execute function refuse_emptying_after_live_sales();
