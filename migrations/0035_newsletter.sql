-- Posts by mail, to members who asked for them.

-- Off until a member asks: the moment, the place and the words that stood there; and how it ended.
create table newsletter_reader (
  member_id uuid primary key references member on delete cascade,
  wording text not null check (length(wording) between 1 and 500),
  asked_where text not null check (asked_where in ('welcome', 'settings')),
  asked_at timestamptz not null default clock_now(),
  left_at timestamptz,
  left_by text check (left_by in ('settings', 'link', 'one_click', 'bounce', 'owner')),
  check ((left_at is null) = (left_by is null))
);
create index newsletter_reader_current on newsletter_reader (member_id) where left_at is null;

-- The owner mails a post: once a post. waiting: until it appears.
create table post_mailing (
  post_id uuid primary key references post on delete cascade,
  state text not null check (state in ('waiting', 'running', 'stopped', 'done')),
  asked_by uuid references member on delete set null,
  -- Machine time: paces the mails over all processes.
  next_at timestamptz not null default machine_now(),
  created_at timestamptz not null default clock_now(),
  finished_at timestamptz
);
create index post_mailing_running on post_mailing (next_at) where state = 'running';

-- Who gets it. One row a post and member, for ever: whoever has one is mailed this post at most once.
create table post_mail (
  post_id uuid not null references post on delete cascade,
  member_id uuid not null references member on delete cascade,
  state text not null default 'waiting' check (state in ('waiting', 'mailed', 'left_out')),
  at timestamptz,
  primary key (post_id, member_id)
);
create index post_mail_waiting on post_mail (post_id, member_id) where state = 'waiting';
create index post_mail_by_member on post_mail (member_id);

-- Where its reader stops mails of this kind, by one click (RFC 8058).
alter table email_message add column unsubscribe_url text check (length(unsubscribe_url) <= 500);
-- Why it was not taken, as told apart: 'reader' = the mail server knows no such address.
alter table email_message add column fault text check (fault ~ '^[a-z_]+$');

-- What a mail says may be found out when it is delivered, by the module named here. A program that does not know that module must not
-- take the mail, whatever its version: whoever takes it says so for this very attempt, or the database refuses.
alter table email_message add column completed_by text check (completed_by ~ '^[a-z_]+$');
alter table email_message add column understood_attempt int;
alter table email_message add constraint email_message_is_understood
  check (completed_by is null or state <> 'sending' or understood_attempt is not distinct from attempts);
