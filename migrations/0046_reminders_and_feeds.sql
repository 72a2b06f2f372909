-- When a customer is to be reminded of an appointment: of one version of it, so that what was moved or cancelled is never reminded of. Written with the
-- change, only where its time lies ahead.
create table appointment_reminder (
  appointment_id uuid not null references appointment,
  -- How long before it begins: a day, or an hour.
  kind text not null check (kind in ('day', 'hour')),
  version int not null check (version >= 1),
  due_at timestamptz not null,
  -- dropped: it was moved, cancelled, over, or the next reminder was due as well.
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'dropped')),
  settled_at timestamptz,
  primary key (appointment_id, kind, version),
  check ((state = 'waiting') = (settled_at is null))
);
create index appointment_reminder_due on appointment_reminder (due_at) where state = 'waiting';

-- A calendar that programs subscribe to: of all appointments for the owner, of their own for anybody else. Its address is made of this name and the
-- shop's signature. A new name is a new address, and the former one opens nothing.
create table calendar_feed (
  member_id uuid primary key references member on delete cascade,
  name uuid not null unique default gen_random_uuid(),
  made_at timestamptz not null default clock_now()
);
