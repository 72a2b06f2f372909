-- Who may use what, from which source. Access = any active row; a second source never overwrites the first.
create table entitlement (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid not null references customer,
  -- What it opens: ('product', product id); later steps add their own benefits.
  benefit text not null check (benefit ~ '^[a-z_]+$'),
  subject_id uuid not null,
  source_kind text not null check (source_kind in ('order_line', 'subscription', 'gift', 'comp', 'import')),
  source_id uuid not null,
  state text not null default 'active'
    check (state in ('pending', 'active', 'suspended', 'revoked', 'expired')),
  -- Why it is not active, in the buyer's words: 'refunded', 'disputed' ...
  reason text,
  starts_at timestamptz not null default clock_now(),
  ends_at timestamptz,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  unique (source_kind, source_id, benefit, subject_id, customer_id),
  check ((state in ('pending', 'active')) or reason is not null)
);
create index entitlement_by_customer on entitlement (customer_id, benefit, created_at desc);
create index entitlement_by_subject on entitlement (benefit, subject_id);

-- Append-only: what happened to it, who did it and what caused it.
create table entitlement_event (
  id bigint generated always as identity primary key,
  entitlement_id uuid not null references entitlement,
  at timestamptz not null default clock_now(),
  state text not null,
  reason text,
  actor_kind text not null check (actor_kind in ('owner', 'member', 'system', 'stripe')),
  cause text
);
create index entitlement_event_by_entitlement on entitlement_event (entitlement_id, id);
create trigger entitlement_event_is_append_only before update or delete on entitlement_event
  for each row execute function refuse_change();
