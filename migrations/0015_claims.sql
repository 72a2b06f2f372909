-- What comes back at a sale: warnings of fraud, evidence for the bank, withdrawals from the contract.

-- The card's bank believes that its holder did not pay. Nothing follows by itself: the owner decides.
create table fraud_warning (
  id uuid primary key,
  payment_id uuid not null references payment,
  backend_id int not null references stripe_backend,
  stripe_warning_id text not null,
  -- Stripe's word: made_with_stolen_card, misc ...
  fraud_type text not null,
  is_actionable boolean not null,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  unique (backend_id, stripe_warning_id)
);
create index fraud_warning_by_payment on fraud_warning (payment_id);
create index fraud_warning_open on fraud_warning (created_at desc) where is_actionable;

-- What the owner answers the bank with, committed before Stripe is asked; sent once.
create table dispute_answer (
  dispute_id uuid primary key references dispute,
  -- evidence = sent with its text; acceptance = the owner lets it go.
  kind text not null check (kind in ('evidence', 'acceptance')),
  evidence jsonb not null default '{}',
  state text not null default 'requested' check (state in ('requested', 'sent', 'refused')),
  failure text,
  requested_by uuid references member on delete set null,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now()
);
create index dispute_answer_unsent on dispute_answer (created_at) where state = 'requested';
create index dispute_needs_answer on dispute (evidence_due_at) where state in ('needs_response', 'warning_needs_response');

-- When the refunds and disputes that Stripe lists were last compared with ours.
alter table stripe_cursor add column drift_swept_at timestamptz;

-- A consumer's withdrawal from a contract, as it was declared. Source: Directive 2011/83/EU, Articles 9 to 11a.
create table withdrawal (
  id uuid primary key,
  -- null: nothing here fits what was typed; the owner looks.
  order_id uuid references shop_order,
  order_typed text not null default '' check (length(order_typed) <= 60),
  email text not null check (length(email) <= 254),
  name text not null default '' check (length(name) <= 200),
  words text not null default '' check (length(words) <= 2000),
  network text,
  received_at timestamptz not null default clock_now(),
  state text not null default 'received' check (state in ('received', 'accepted', 'declined')),
  decision text check (length(decision) <= 2000),
  decided_by uuid references member on delete set null,
  decided_at timestamptz,
  check ((state = 'received') = (decided_at is null))
);
create index withdrawal_by_time on withdrawal (received_at desc, id desc);
create index withdrawal_open on withdrawal (received_at) where state = 'received';
create index withdrawal_by_order on withdrawal (order_id) where order_id is not null;
create function withdrawal_keeps_its_words() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (new.email, new.name, new.words, new.order_typed, new.received_at)
       is distinct from (old.email, old.name, old.words, old.order_typed, old.received_at) then
    raise exception 'a declaration is kept as it was made' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger withdrawal_keeps_its_words before update or delete on withdrawal
  for each row execute function withdrawal_keeps_its_words();
alter table site add column offers_withdrawal boolean not null default true;
