-- Plans that the owner gives: a comp (without an end, or until a moment), or a gift of months. Rights of our own; Stripe knows nothing of
-- them, and no revenue is counted for them. They are sources of their own, so that none hides or ends what is paid for.
create table given_plan (
  -- Of the form it was given by: pressed twice it is given once.
  id uuid primary key,
  customer_id uuid not null references customer,
  plan_id uuid not null references plan,
  kind text not null check (kind in ('comp', 'gift')),
  -- Of a comp: when it ends; null = not by itself.
  comp_ends_at timestamptz,
  -- Of a gift: how long it is.
  months int check (months between 1 and 60),
  -- Of a gift: when its time runs. It waits while the same, or more of its group, is open from elsewhere; the beginning may be ahead.
  runs_from timestamptz,
  runs_until timestamptz,
  -- What was left when it began to wait again; null = all of it.
  left_ms bigint check (left_ms > 0),
  -- For the owner's record; I03 wants who and why.
  reason text not null check (length(reason) between 1 and 500),
  given_by uuid references member on delete set null,
  created_at timestamptz not null default clock_now(),
  -- When its time began (again) and that was told.
  begun_told_at timestamptz,
  settled_at timestamptz not null default clock_now(),
  ended_at timestamptz,
  -- null: by its time.
  ended_reason text check (length(ended_reason) between 1 and 500),
  check ((kind = 'gift') = (months is not null)),
  check (kind = 'gift' or (runs_from is null and left_ms is null)),
  check (kind = 'comp' or comp_ends_at is null),
  check ((runs_from is null) = (runs_until is null) and runs_from < runs_until),
  check (ended_at is not null or ended_reason is null)
);
create index given_plan_by_customer on given_plan (customer_id, created_at desc);
create index given_plan_by_plan on given_plan (plan_id) where ended_at is null;
create index given_plan_going on given_plan (settled_at) where ended_at is null;

-- What was given stays as it was given; when its time runs and what became of it is all that moves.
create function given_plan_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'what was given is never deleted; it is taken back' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.customer_id, new.plan_id, new.kind, new.comp_ends_at, new.months, new.created_at)
       is distinct from (old.id, old.customer_id, old.plan_id, old.kind, old.comp_ends_at, old.months, old.created_at)
     or (old.ended_at is not null and new.ended_at is distinct from old.ended_at) then
    raise exception 'what was given stays as it was given' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger given_plan_is_kept before update or delete on given_plan
  for each row execute function given_plan_stays();
