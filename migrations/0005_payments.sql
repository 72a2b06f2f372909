-- Money. Stripe moves it; these tables are our record of what was asked, what came back and what it caused.
-- Every Stripe id is stored with the backend it belongs to: a rehearsal id must never reach a real account.

create table stripe_backend (
  id int primary key generated always as identity,
  mode text not null check (mode in ('rehearsal', 'test', 'live')),
  -- acct_... where the key tells it, else a fingerprint of the key; 'sandbox' in rehearsal.
  account text not null,
  created_at timestamptz not null default clock_now(),
  unique (mode, account)
);

-- An attempt to buy, committed before Stripe is asked. Its id is the idempotency key of the session,
-- so a lost answer is asked for again and not done again (I08).
create table checkout (
  id uuid primary key,
  backend_id int not null references stripe_backend,
  -- What is told when it is paid (port Payable): 'order'.
  payable text not null check (payable ~ '^[a-z_]+$'),
  state text not null default 'open'
    check (state in ('open', 'awaiting_payment', 'paid', 'expired', 'failed')),
  -- The signed-in member who started it: the purchase lands there whatever address is typed at Stripe.
  member_id uuid references member on delete set null,
  email text check (length(email) <= 254),
  -- The browser that started it: a second click finds the open session instead of making another.
  visitor text check (length(visitor) <= 64),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  total_minor bigint not null check (total_minor >= 0),
  stripe_session_id text,
  stripe_session_url text,
  -- Set with the session; after it, Stripe takes no payment any more.
  expires_at timestamptz,
  -- When the session was last asked for at Stripe, and when it should be asked for again without a reason.
  synced_at timestamptz,
  sync_due_at timestamptz,
  failure text,
  created_at timestamptz not null default clock_now(),
  finished_at timestamptz,
  unique (backend_id, stripe_session_id)
);
create index checkout_due on checkout (sync_due_at) where state in ('open', 'awaiting_payment');
create index checkout_reusable on checkout (visitor, created_at desc) where state = 'open';
create index checkout_by_time on checkout (created_at desc, id desc);

-- What was shown when the buyer pressed the button. Later edits of product or price do not touch it.
create table checkout_line (
  checkout_id uuid not null references checkout on delete cascade,
  position int not null check (position between 0 and 49),
  product_id uuid not null references product,
  price_id uuid not null references price,
  kind text not null,
  title text not null,
  quantity int not null check (quantity between 1 and 999),
  unit_minor bigint not null check (unit_minor >= 0),
  primary key (checkout_id, position)
);
create index checkout_line_by_price on checkout_line (price_id);

-- The inbox: one row an event, written before the webhook answers. The row is only a pointer to
-- an object that is then fetched afresh; its unique id keeps duplicates out at any age.
create table stripe_event (
  -- evt_..., or sha256:... of the body where a backend sends no id.
  id text primary key,
  backend_id int not null references stripe_backend,
  type text not null,
  object_type text,
  object_id text,
  -- Events with the same key are worked on together and never at once by two workers.
  group_key text not null,
  created_at_stripe timestamptz not null,
  api_version text,
  source text not null check (source in ('webhook', 'poll')),
  -- How often it was delivered.
  deliveries int not null default 1,
  payload json not null,
  received_at timestamptz not null default clock_now(),
  state text not null default 'pending'
    check (state in ('pending', 'done', 'ignored', 'quarantined', 'parked')),
  attempts int not null default 0,
  next_attempt_at timestamptz not null default clock_now(),
  handled_at timestamptz,
  outcome text,
  last_error text
);
create index stripe_event_due on stripe_event (next_attempt_at) where state = 'pending';
create index stripe_event_open_group on stripe_event (group_key) where state = 'pending';
create index stripe_event_by_time on stripe_event (received_at desc, id desc);
create index stripe_event_needs_a_look on stripe_event (received_at desc) where state in ('quarantined', 'parked');

-- Who works on which object, while Stripe is asked without a transaction open. The holder's number is
-- checked again in the transaction that writes the result: whoever lost the lease writes nothing.
create table sync_lease (
  group_key text primary key,
  holder uuid not null,
  leased_until timestamptz not null
);

-- What an event or a look-up caused, once each for ever. (kind, key), e.g. (fulfil, checkout id).
create table payment_effect (
  kind text not null,
  key text not null,
  event_id text,
  detail jsonb not null default '{}',
  at timestamptz not null default clock_now(),
  primary key (kind, key)
);
create index payment_effect_by_event on payment_effect (event_id) where event_id is not null;

create table payment (
  id uuid primary key,
  checkout_id uuid not null unique references checkout,
  backend_id int not null references stripe_backend,
  stripe_payment_intent_id text,
  stripe_charge_id text,
  amount_minor bigint not null check (amount_minor >= 0),
  currency text not null,
  -- Told by Stripe: brand and last digits, or the kind of bank payment.
  method text,
  method_detail text,
  refunded_minor bigint not null default 0 check (refunded_minor between 0 and amount_minor),
  paid_at timestamptz not null,
  unique (backend_id, stripe_payment_intent_id)
);
create index payment_by_charge on payment (backend_id, stripe_charge_id);

create table refund (
  id uuid primary key,
  payment_id uuid not null references payment,
  backend_id int not null references stripe_backend,
  -- null until Stripe has answered; made at Stripe's side when requested_by is null.
  stripe_refund_id text,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  -- requested = committed here, Stripe not yet heard; it is asked again with the same key.
  state text not null
    check (state in ('requested', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
  reason text not null default '' check (length(reason) <= 500),
  requested_by uuid references member on delete set null,
  failure text,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  unique (backend_id, stripe_refund_id)
);
create index refund_by_payment on refund (payment_id);
create index refund_unanswered on refund (created_at) where state = 'requested';

create table dispute (
  id uuid primary key,
  payment_id uuid not null references payment,
  backend_id int not null references stripe_backend,
  stripe_dispute_id text not null,
  amount_minor bigint not null,
  currency text not null,
  reason text not null,
  -- Stripe's own words: warning_needs_response, needs_response, under_review, won, lost ...
  state text not null,
  evidence_due_at timestamptz,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  unique (backend_id, stripe_dispute_id)
);
create index dispute_by_payment on dispute (payment_id);

-- How far the list of Stripe's events has been read, and what that says about the webhook.
create table stripe_cursor (
  backend_id int primary key references stripe_backend,
  last_event_id text,
  last_event_at timestamptz,
  polled_at timestamptz,
  last_webhook_at timestamptz,
  -- Events that only polling found, more than two minutes after they happened.
  webhook_missed bigint not null default 0,
  last_missed_at timestamptz,
  refused_signatures bigint not null default 0,
  last_refused_at timestamptz,
  last_error text,
  last_error_at timestamptz
);

-- The call budget, shared by all processes: the moment the next call may leave.
create table stripe_pace (
  backend_id int primary key references stripe_backend,
  next_at timestamptz not null default clock_timestamp(),
  paused_until timestamptz
);
