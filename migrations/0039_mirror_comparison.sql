-- The comparison of subscriptions with Stripe's, as the owner sees it.

-- One each time all of them are compared. What it finds is healed by itself, or waits for the owner who asked to see it first.
create table mirror_comparison (
  id bigint generated always as identity primary key,
  backend_id int not null references stripe_backend,
  is_healing boolean not null,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  -- So many has Stripe told of, and so many of them differed.
  told int not null default 0 check (told >= 0),
  differing int not null default 0 check (differing >= 0),
  failure text check (length(failure) <= 500),
  started_at timestamptz not null default clock_now(),
  finished_at timestamptz,
  -- Machine time: who works on it holds it until then, and whoever comes later begins it anew.
  holder uuid,
  held_until timestamptz not null default machine_now(),
  check ((state = 'running') = (finished_at is null)),
  check ((state = 'failed') = (failure is not null))
);
create unique index mirror_comparison_one_running on mirror_comparison (backend_id) where state = 'running';
create index mirror_comparison_latest on mirror_comparison (backend_id, id desc);

-- What differs, each subscription once. A row goes as soon as the subscription is looked up at Stripe, by whomever.
create table mirror_difference (
  id bigint generated always as identity primary key,
  backend_id int not null references stripe_backend,
  stripe_subscription_id text not null,
  -- What Stripe told; null: it does not list it any more.
  told jsonb,
  found_at timestamptz not null default clock_now(),
  -- It is to be looked up, from then on; null: nobody has asked for it.
  due_at timestamptz,
  tries int not null default 0 check (tries >= 0),
  failure text check (length(failure) <= 500),
  unique (stripe_subscription_id, backend_id)
);
create index mirror_difference_due on mirror_difference (backend_id, due_at) where due_at is not null;
create index mirror_difference_found on mirror_difference (backend_id, found_at desc, id desc);

-- Those that nobody here is known to hold.
create index subscription_unheld on subscription (backend_id, started_at desc, id desc) where customer_id is null;

-- assigned: the owner said whose it is.
alter table subscription_event
  drop constraint subscription_event_what_check,
  add constraint subscription_event_what_check check (what in ('begun', 'status', 'renewed', 'cancel_set', 'cancel_unset', 'plan',
    'change_set', 'change_unset', 'grace_ending', 'grace_over', 'paused', 'resumed', 'surplus', 'drift', 'gone', 'discount_set',
    'discount_over', 'assigned'));
