-- Subscribers of a plan who are brought to another plan's price: told first, and charged it from their own first renewal after the notice.

create table price_move (
  -- Of the form it was begun by: pressed twice it is begun once.
  id uuid primary key,
  backend_id int not null references stripe_backend,
  from_plan_id uuid not null references plan,
  to_plan_id uuid not null references plan,
  -- At least so long lies between what somebody is told and the first payment of the other price.
  notice_days int not null check (notice_days between 14 and 90),
  state text not null default 'running' check (state in ('running', 'called_off', 'done')),
  asked_by uuid references member on delete set null,
  -- Machine time: paces the mails over all processes.
  next_at timestamptz not null default machine_now(),
  created_at timestamptz not null default clock_now(),
  called_off_at timestamptz,
  -- Nobody of it waits for anything any more.
  finished_at timestamptz,
  check (from_plan_id <> to_plan_id),
  check (state <> 'done' or finished_at is not null),
  check ((state = 'called_off') = (called_off_at is not null))
);
-- One at a time of each plan.
create unique index price_move_one_open on price_move (backend_id, from_plan_id) where finished_at is null;
create index price_move_by_plan on price_move (from_plan_id, created_at desc);
create index price_move_by_target on price_move (to_plan_id);
create index price_move_open on price_move (next_at) where finished_at is null;

-- Both plans cost another sum, and are the same in all else that somebody agreed to.
create function price_move_fits() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'what subscribers were told is never deleted' using errcode = 'restrict_violation';
  end if;
  if tg_op = 'UPDATE' then
    if (new.id, new.backend_id, new.from_plan_id, new.to_plan_id, new.notice_days, new.created_at)
         is distinct from (old.id, old.backend_id, old.from_plan_id, old.to_plan_id, old.notice_days, old.created_at)
       or (old.finished_at is not null and new.finished_at is distinct from old.finished_at)
       or (old.called_off_at is not null and new.called_off_at is distinct from old.called_off_at) then
      raise exception 'what subscribers were told stays as it was' using errcode = 'restrict_violation';
    end if;
    return new;
  end if;
  perform from plan f, plan t where f.id = new.from_plan_id and t.id = new.to_plan_id and t.is_enabled
    and lower(f.plan_group) = lower(t.plan_group) and f.currency = t.currency and f.interval_unit = t.interval_unit
    and f.interval_count = t.interval_count and f.amount_minor <> t.amount_minor and t.tier >= f.tier;
  if not found then
    raise exception 'nobody is moved to a plan that differs in more than its price'
      using errcode = 'check_violation', constraint = 'price_move_fits';
  end if;
  return new;
end $$;
create trigger price_move_fits before insert or update or delete on price_move
  for each row execute function price_move_fits();

-- Each subscriber there was when it began, once.
create table price_move_person (
  id bigint generated always as identity primary key,
  move_id uuid not null references price_move,
  subscription_id uuid not null references subscription,
  -- waiting: to be told; told; setting: Stripe is being asked; set: Stripe has the price for the next renewal; moved: it was charged;
  -- left: ended or changed the plan meanwhile; kept: called off; left_out: was never part of it.
  state text not null check (state in ('waiting', 'told', 'setting', 'set', 'moved', 'left', 'kept', 'left_out')),
  -- Why it was left out.
  reason text check (reason in ('nobody', 'ending', 'changing', 'paused', 'owing', 'coupon', 'money', 'moving', 'odd')),
  told_at timestamptz,
  -- The first day of the other price, as it was told: never charged earlier.
  first_at timestamptz,
  settled_at timestamptz,
  -- Machine time: when Stripe may be asked (again); who asks moves it ahead, and so does who changes the plan otherwise.
  due_at timestamptz not null default machine_now(),
  tries int not null default 0 check (tries >= 0),
  failure text check (length(failure) <= 500),
  unique (move_id, subscription_id),
  check ((state = 'left_out') = (reason is not null)),
  check (state not in ('told', 'setting', 'set', 'moved') or (told_at is not null and first_at is not null)),
  check ((state in ('moved', 'left', 'kept', 'left_out')) = (settled_at is not null))
);
-- Nobody is told of two at once.
create unique index price_move_person_one_open on price_move_person (subscription_id)
  where state in ('waiting', 'told', 'setting', 'set');
create index price_move_person_by_state on price_move_person (move_id, state, id);
create index price_move_person_by_subscription on price_move_person (subscription_id);
create trigger price_move_person_stays before delete on price_move_person
  for each row execute function refuse_change();

-- price_told: of another price to come; price_kept: that it does not come.
alter table subscription_event
  drop constraint subscription_event_what_check,
  add constraint subscription_event_what_check check (what in ('begun', 'status', 'renewed', 'cancel_set', 'cancel_unset', 'plan',
    'change_set', 'change_unset', 'grace_ending', 'grace_over', 'paused', 'resumed', 'surplus', 'drift', 'gone', 'discount_set',
    'discount_over', 'assigned', 'refunded', 'refund_failed', 'dispute', 'access_kept', 'price_told', 'price_kept'));

create trigger price_move_is_kept_after_live_sales before truncate on price_move
  for each statement execute function refuse_emptying_after_live_sales();
create trigger price_move_person_is_kept_after_live_sales before truncate on price_move_person
  for each statement execute function refuse_emptying_after_live_sales();
