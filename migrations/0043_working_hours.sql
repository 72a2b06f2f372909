-- When the owner can be booked: wall times in the shop's zone, never instants, so that 09:00 stays 09:00 when clocks change.
-- Minutes after midnight; to up to 1440, and to < from runs into the next date.
create table weekly_hours (
  weekday smallint not null check (weekday between 1 and 7), -- 1 = Monday
  from_minute smallint not null check (from_minute between 0 and 1439),
  to_minute smallint not null check (to_minute between 0 and 1440),
  primary key (weekday, from_minute),
  check (from_minute <> to_minute)
);

-- A date that has hours of its own instead of its weekday's; without any it is closed.
create table date_override (
  on_date date primary key,
  -- What it is for: "Summer holiday". For the owner alone.
  label text check (length(label) between 1 and 80),
  created_at timestamptz not null default clock_now()
);

create table date_override_hours (
  on_date date not null references date_override on delete cascade,
  from_minute smallint not null check (from_minute between 0 and 1439),
  to_minute smallint not null check (to_minute between 0 and 1440),
  primary key (on_date, from_minute),
  check (from_minute <> to_minute)
);
