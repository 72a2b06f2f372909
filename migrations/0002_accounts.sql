-- People. A member has an account; a customer is a person or an address that bought or may buy.

-- The first four tables are the auth library's, under the shop's names (mapping: src/modules/accounts/server/auth.ts).
create table member (
  id uuid primary key default gen_random_uuid(),
  -- Canonical: trimmed, lower case, NFKC. One account per address (I17).
  email text not null unique check (email = lower(email) and length(email) between 3 and 254),
  -- An account comes into being by proving its mailbox, so that nobody can prepare one for a stranger (I17).
  email_verified boolean not null default true check (email_verified),
  name text not null check (length(name) between 1 and 120),
  image text,
  role text not null default 'member' check (role in ('owner', 'member')),
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now()
);
-- A shop of one person has one owner.
create unique index member_only_one_owner on member (role) where role = 'owner';

create table member_session (
  id uuid primary key default gen_random_uuid(),
  member_id uuid not null references member on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now()
);
create index member_session_by_member on member_session (member_id);
create index member_session_by_expiry on member_session (expires_at);

create table member_credential (
  id uuid primary key default gen_random_uuid(),
  member_id uuid not null references member on delete cascade,
  provider_id text not null,
  account_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  unique (provider_id, account_id)
);
create index member_credential_by_member on member_credential (member_id);

create table member_proof (
  id uuid primary key default gen_random_uuid(),
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now()
);
create index member_proof_by_identifier on member_proof (identifier);
create index member_proof_by_expiry on member_proof (expires_at);

-- Purchases hang on customers. A guest's customer has no member until somebody proves the mailbox;
-- a member may hold several: claiming sets member_id and moves nothing.
create table customer (
  id uuid primary key default gen_random_uuid(),
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  name text check (length(name) <= 200),
  member_id uuid references member on delete set null,
  claimed_at timestamptz,
  created_at timestamptz not null default clock_now()
);
create unique index customer_one_guest_per_address on customer (email) where member_id is null;
create index customer_by_member on customer (member_id) where member_id is not null;
create index customer_by_time on customer (created_at desc, id desc);
create index customer_by_email on customer (email text_pattern_ops);

-- The owner's one-time set-up link: only its digest is stored; it is dead once used.
create table owner_setup (
  only_row boolean primary key default true check (only_row),
  token_sha256 text not null,
  created_at timestamptz not null default clock_now(),
  used_at timestamptz
);
