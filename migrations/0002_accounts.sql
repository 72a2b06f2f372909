-- People. A member has an account; a customer is a person or an address that bought or may buy.

-- A picture of a member, in two sizes. It gets a new id each time, so that its address may be kept for ever.
create table avatar (
  id uuid primary key,
  large_file_id uuid not null unique references stored_file,
  small_file_id uuid not null unique references stored_file
);

create table member (
  id uuid primary key default gen_random_uuid(),
  -- Canonical: trimmed, lower case, NFKC. One account per address (I17). A row is written only in the
  -- transaction that proves the mailbox, so that nobody can prepare an account for a stranger.
  email text not null unique check (email = lower(email) and length(email) between 3 and 254),
  -- '' = not told yet.
  name text not null default '' check (length(name) <= 120),
  role text not null default 'member' check (role in ('owner', 'member')),
  -- Salted scrypt; null = signs in by code alone.
  password_hash text check (length(password_hash) between 60 and 400),
  password_set_at timestamptz,
  avatar_id uuid unique references avatar,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  check ((password_hash is null) = (password_set_at is null))
);
-- A shop of one person has one owner.
create unique index member_only_one_owner on member (role) where role = 'owner';
create index member_by_name on member (lower(name) text_pattern_ops);

create table member_session (
  id uuid primary key default gen_random_uuid(),
  member_id uuid not null references member on delete cascade,
  -- The cookie holds the token; a copy of this table opens no account.
  token_sha256 text not null unique check (length(token_sha256) = 64),
  -- How the member proved to be who they are: a fresh code stands in for a forgotten password.
  proven_by text not null check (proven_by in ('code', 'password', 'setup')),
  network text check (length(network) <= 60),
  user_agent text check (length(user_agent) <= 400),
  created_at timestamptz not null default clock_now(),
  -- Moved on at most once a day, and the end with it.
  renewed_at timestamptz not null default clock_now(),
  expires_at timestamptz not null
);
create index member_session_by_member on member_session (member_id, created_at desc);
create index member_session_by_expiry on member_session (expires_at);

-- The one code that is good for an address right now; asking again replaces it (and its id).
create table sign_in_code (
  email text primary key check (email = lower(email) and length(email) between 3 and 254),
  -- Names the request in the page's address and in the mail's link; says nothing about the code.
  id uuid not null unique,
  -- HMAC under the shop's secret: six digits could be guessed from a plain digest.
  code_digest text not null,
  wrong_tries int not null default 0 check (wrong_tries >= 0),
  -- Where to go after signing in: a path of this shop.
  next_path text check (length(next_path) <= 500),
  expires_at timestamptz not null,
  created_at timestamptz not null default clock_now()
);
create index sign_in_code_by_expiry on sign_in_code (expires_at);

-- A member's wish to be reached at another address, until its mailbox is proven.
create table email_change (
  member_id uuid primary key references member on delete cascade,
  id uuid not null unique,
  new_email text not null check (new_email = lower(new_email) and length(new_email) between 3 and 254),
  code_digest text not null,
  wrong_tries int not null default 0 check (wrong_tries >= 0),
  expires_at timestamptz not null,
  created_at timestamptz not null default clock_now()
);
create index email_change_by_expiry on email_change (expires_at);

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
create index customer_by_member on customer (member_id, created_at) where member_id is not null;
create index customer_by_time on customer (created_at desc, id desc);
create index customer_by_email on customer (email text_pattern_ops);
create index customer_by_name on customer (lower(name) text_pattern_ops);

-- The owner's one-time set-up link: only its digest is stored; it is dead once used.
create table owner_setup (
  only_row boolean primary key default true check (only_row),
  token_sha256 text not null check (length(token_sha256) = 64),
  created_at timestamptz not null default clock_now(),
  used_at timestamptz
);
