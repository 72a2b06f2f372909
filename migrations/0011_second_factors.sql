-- Second factors of members: authenticator apps, passkeys, recovery codes; the half-signed-in state between the first and the
-- second step; fresh proofs before dangerous acts; known devices and the alarms that strange ones raise.

-- The old program writes only the ways it knows, so it goes on working beside the new one.
alter table member_session drop constraint member_session_proven_by_check;
alter table member_session add constraint member_session_proven_by_check
  check (proven_by in ('code', 'password', 'setup', 'passkey', 'recovery'));
alter table member_session
  -- When the person at this session last proved to be its member; null = only when it began.
  add column proven_at timestamptz,
  -- The same with a second factor (or a passkey); null = never.
  add column factor_proven_at timestamptz;

alter table member
  -- "Ask for proof before refunds and prices": counts as soon as there is a factor.
  add column asks_for_proof boolean not null default true,
  -- When the owner put the hint about second factors away.
  add column factor_hint_closed_at timestamptz;

-- An authenticator app. One a member; unconfirmed while it is being set up, and then it opens nothing.
create table totp_factor (
  member_id uuid primary key references member on delete cascade,
  id uuid not null unique,
  -- Sealed under the shop's secret for this id alone: codes are made from it, so a digest would not do.
  secret_sealed text not null check (length(secret_sealed) between 40 and 200),
  confirmed_at timestamptz,
  -- The 30 seconds (counted since 1970) of the last code that was taken: each code works once.
  last_step bigint not null default 0 check (last_step >= 0),
  last_used_at timestamptz,
  created_at timestamptz not null default clock_now()
);
create index totp_factor_unconfirmed on totp_factor (created_at) where confirmed_at is null;

create table passkey (
  id uuid primary key default gen_random_uuid(),
  member_id uuid not null references member on delete cascade,
  -- base64url, as the authenticator named it.
  credential_id text not null unique check (length(credential_id) between 16 and 1400),
  public_key bytea not null check (length(public_key) between 32 and 4000),
  -- Of signatures; stays 0 with authenticators that do not count. Never goes back.
  counter bigint not null check (counter >= 0),
  transports text[] not null default '{}' check (cardinality(transports) <= 8),
  -- Whether it may be copied to other devices, and whether it was (by its maker's cloud).
  may_be_backed_up boolean not null,
  is_backed_up boolean not null,
  name text not null check (length(name) between 1 and 60),
  created_at timestamptz not null default clock_now(),
  last_used_at timestamptz
);
create index passkey_by_member on passkey (member_id, created_at, id);

-- Ten for a member, each works once. Making new ones removes the old.
create table recovery_code (
  member_id uuid not null references member on delete cascade,
  -- HMAC under the shop's secret.
  code_digest text not null check (length(code_digest) = 32),
  created_at timestamptz not null default clock_now(),
  used_at timestamptz,
  primary key (member_id, code_digest)
);

-- Who did the first step (code or password) and still owes the second. Opens nothing.
create table half_sign_in (
  id uuid primary key default gen_random_uuid(),
  member_id uuid not null references member on delete cascade,
  token_sha256 text not null unique check (length(token_sha256) = 64),
  proven_by text not null check (proven_by in ('code', 'password')),
  next_path text check (length(next_path) <= 500),
  wrong_tries int not null default 0 check (wrong_tries >= 0),
  created_at timestamptz not null default clock_now(),
  expires_at timestamptz not null
);
create index half_sign_in_by_member on half_sign_in (member_id);
create index half_sign_in_by_expiry on half_sign_in (expires_at);

-- What an authenticator is asked to sign. Taken out by the first answer, right or wrong.
create table passkey_challenge (
  challenge text primary key check (length(challenge) = 43),
  purpose text not null check (purpose in ('sign_in', 'second_step', 'proof', 'register')),
  -- Whose, and where: an answer counts only for the same half sign-in or session.
  member_id uuid references member on delete cascade,
  half_sign_in_id uuid references half_sign_in on delete cascade,
  session_id uuid references member_session on delete cascade,
  expires_at timestamptz not null,
  check ((purpose = 'sign_in') = (member_id is null)),
  check ((purpose = 'second_step') = (half_sign_in_id is not null)),
  check ((purpose in ('proof', 'register')) = (session_id is not null))
);
create index passkey_challenge_by_expiry on passkey_challenge (expires_at);
create index passkey_challenge_by_member on passkey_challenge (member_id);
create index passkey_challenge_by_half on passkey_challenge (half_sign_in_id);
create index passkey_challenge_by_session on passkey_challenge (session_id);

-- A form that was sent without a fresh proof: kept until the proof is given, so that nothing typed is lost.
create table kept_form (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null references member_session on delete cascade,
  -- Where it was sent: a path of this shop with the action's name.
  path text not null check (length(path) <= 600),
  what_for text not null check (length(what_for) <= 40),
  -- Sealed: it may hold passwords and keys.
  fields_sealed text not null check (length(fields_sealed) <= 700000),
  expires_at timestamptz not null
);
create index kept_form_by_expiry on kept_form (expires_at);
create index kept_form_by_session on kept_form (session_id);

-- Browsers a member has signed in with, known again by a cookie that opens nothing.
create table known_device (
  member_id uuid not null references member on delete cascade,
  device_sha256 text not null check (length(device_sha256) = 64),
  first_seen_at timestamptz not null default clock_now(),
  last_seen_at timestamptz not null default clock_now(),
  primary key (member_id, device_sha256)
);
create index known_device_by_time on known_device (last_seen_at);

-- "This was not me": the link of a mail that tells of something. Ends all sessions, once.
create table alarm_link (
  id uuid primary key default gen_random_uuid(),
  member_id uuid not null references member on delete cascade,
  token_sha256 text not null unique check (length(token_sha256) = 64),
  reason text not null check (reason in ('sign_in', 'factor_added', 'factor_removed', 'recovery_used', 'recovery_replaced')),
  -- Of a member's first factor: whoever had only the session could have set it up, so the mailbox takes it back.
  undoes_factors boolean not null default false,
  created_at timestamptz not null default clock_now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index alarm_link_by_expiry on alarm_link (expires_at);
create index alarm_link_by_member on alarm_link (member_id);

-- The link that `npm run owner-recovery` prints for an owner who lost every factor; like owner_setup, but it ends soon.
create table owner_recovery (
  only_row boolean primary key default true check (only_row),
  token_sha256 text not null check (length(token_sha256) = 64),
  created_at timestamptz not null default clock_now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
