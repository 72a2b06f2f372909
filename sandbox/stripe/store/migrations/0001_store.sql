-- Everything the sandbox keeps, apart from the tables of whoever else lives in this database.
create table stripe_sandbox.clock (
  only_row boolean primary key default true check (only_row),
  offset_ms bigint not null default 0
);
insert into stripe_sandbox.clock default values;

-- Stripe's objects and events, and the sandbox's own records (kinds that begin with _).
-- json and not jsonb: a document is given back as it was put, and is filtered by few fields only.
create table stripe_sandbox.object (
  account text not null,
  kind text not null,
  id text not null,
  seq bigint generated always as identity,
  created bigint not null,
  inserted_ms bigint not null,
  listed boolean not null,
  doc json not null,
  primary key (account, kind, id)
);
create index object_newest on stripe_sandbox.object (account, kind, created desc, seq desc) where listed;

-- Hosted pages and the inspector's forms know an id and nothing else.
create index object_address on stripe_sandbox.object (id)
  where kind in ('checkout.session', 'payment_intent', 'charge', '_recovery', '_inspector');
create index object_account on stripe_sandbox.object (account) where kind = '_account';

-- The fields by which lists are filtered often (INDEXED_FIELDS in store.ts).
create index object_email on stripe_sandbox.object (account, kind, (doc ->> 'email'))
  where kind in ('customer') and listed;
create index object_product on stripe_sandbox.object (account, kind, (doc ->> 'product'))
  where kind in ('price') and listed;
create index object_lookup_key on stripe_sandbox.object (account, kind, (doc ->> 'lookup_key'))
  where kind in ('price') and listed;
create index object_customer on stripe_sandbox.object (account, kind, (doc ->> 'customer'))
  where kind in ('payment_method', 'payment_intent', 'checkout.session', 'charge') and listed;
create index object_payment_intent on stripe_sandbox.object (account, kind, (doc ->> 'payment_intent'))
  where kind in ('checkout.session', 'charge', 'refund', 'dispute') and listed;
create index object_charge on stripe_sandbox.object (account, kind, (doc ->> 'charge'))
  where kind in ('refund', 'dispute') and listed;
create index object_source on stripe_sandbox.object (account, kind, (doc ->> 'source'))
  where kind in ('balance_transaction') and listed;

create table stripe_sandbox.delivery (
  account text not null,
  id text not null,
  seq bigint generated always as identity,
  event text not null,
  event_type text not null,
  endpoint text not null,
  status text not null check (status in ('pending', 'succeeded', 'failed', 'dropped')),
  held boolean not null,
  created_ms bigint not null,
  next_at_ms bigint not null,
  -- Real time until which one process keeps it from the others.
  lease_until timestamptz,
  attempts jsonb not null,
  faults jsonb not null,
  cause text not null,
  primary key (account, id)
);
create index delivery_due on stripe_sandbox.delivery (account, endpoint, next_at_ms, seq)
  where status = 'pending' and not held;
create index delivery_event on stripe_sandbox.delivery (account, event);
create index delivery_newest on stripe_sandbox.delivery (account, seq desc);

create table stripe_sandbox.task (
  account text not null,
  id text not null,
  seq bigint generated always as identity,
  at_ms bigint not null,
  type text not null,
  object text not null,
  primary key (account, id)
);
create index task_due on stripe_sandbox.task (at_ms, seq);
create index task_object on stripe_sandbox.task (account, object);

-- A log may be lost when the database crashes; it is not worth a disk write for each request.
create unlogged table stripe_sandbox.request (
  account text not null,
  seq bigint generated always as identity primary key,
  entry json not null
);
create index request_newest on stripe_sandbox.request (account, seq desc);

create table stripe_sandbox.snapshot (
  account text not null,
  id text not null,
  taken_at_ms bigint not null,
  content json not null,
  primary key (account, id)
);
