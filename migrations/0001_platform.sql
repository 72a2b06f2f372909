-- What every module stands on: the one clock, stored files, the mail outbox, the audit trail, rate limits.

-- The one clock. Every decision about time reads clock_now(): the database's now() plus one stored
-- offset that only rehearsal mode and tests may set. NOTIFY clock tells the processes that it moved.
create table clock (
  only_row boolean primary key default true check (only_row),
  offset_ms bigint not null default 0
);
insert into clock default values;

-- Whoever moves it, the sandbox included: what became due is looked for at once.
create function tell_clock_moved() returns trigger language plpgsql as $$
begin
  perform pg_notify('clock', '');
  return null;
end $$;
create trigger clock_moved after update on clock for each statement execute function tell_clock_moved();

create function clock_now() returns timestamptz language sql stable
  return now() + (select offset_ms from clock) * interval '1 millisecond';

-- The machine's own time, for leases and limits only: they guard processes and connections, and a moved
-- rehearsal clock must neither end nor prolong them. Never for who may what.
create function machine_now() returns timestamptz language sql stable return now();

-- Bytes live in the storage port; a row exists only after its bytes are there and were read back (I18).
create table stored_file (
  id uuid primary key,
  storage_key text not null unique,
  file_name text not null check (length(file_name) between 1 and 255),
  media_type text not null,
  byte_size bigint not null check (byte_size >= 0),
  sha256 text not null check (length(sha256) = 64),
  created_at timestamptz not null default clock_now()
);

-- The outbox. A mail is written in the transaction of what it tells about, so it exists exactly when
-- that happened; (template, entity_key) keeps a second telling of the same thing out.
-- content is a document (heading, paragraphs, button ...), rendered in the shop's look when it is delivered.
create table email_message (
  id uuid primary key default gen_random_uuid(),
  template text not null,
  entity_key text not null,
  to_address text not null check (length(to_address) between 3 and 320),
  reply_to text,
  subject text not null check (length(subject) between 1 and 300),
  content jsonb not null,
  -- The Message-ID header: the same for every attempt, so that a copy can be recognised.
  message_id text not null unique,
  state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed')),
  attempts int not null default 0,
  next_attempt_at timestamptz not null default clock_now(),
  leased_until timestamptz,
  last_error text,
  via text check (via in ('smtp', 'mailbox')),
  created_at timestamptz not null default clock_now(),
  sent_at timestamptz,
  unique (template, entity_key)
);
create index email_message_due on email_message (next_attempt_at) where state in ('queued', 'sending');
create index email_message_by_time on email_message (created_at desc, id desc);
create index email_message_unsent on email_message (created_at desc, id desc) where state <> 'sent';

-- Every act of the owner on money, access or people (I24); append-only.
create table audit_entry (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_now(),
  actor_kind text not null check (actor_kind in ('owner', 'member', 'system', 'stripe')),
  actor_id text,
  action text not null,
  subject_kind text not null,
  subject_id text not null,
  detail jsonb not null default '{}'
);
create index audit_entry_by_subject on audit_entry (subject_kind, subject_id, id desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger audit_entry_is_append_only before update or delete on audit_entry
  for each row execute function refuse_change();

-- Counters of limited acts per window, shared by all processes. Rows of past windows are swept.
create table rate_window (
  key text not null,
  window_start timestamptz not null,
  used int not null,
  primary key (key, window_start)
);
create index rate_window_by_start on rate_window (window_start);

-- Bumped in the transaction of every change that a public page shows; kept pages carry the number
-- they were made at and are thrown away when it moved.
create table public_version (
  only_row boolean primary key default true check (only_row),
  version bigint not null default 1
);
insert into public_version default values;

create function bump_public_version() returns trigger language plpgsql as $$
begin
  update public_version set version = version + 1;
  perform pg_notify('public_version', '');
  return null;
end $$;
