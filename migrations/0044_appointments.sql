-- What a service asks of the owner's time. Minutes throughout; the product beside it holds title, words and price.
create table service (
  product_id uuid primary key references product on delete cascade,
  duration int not null default 60 check (duration between 5 and 10080),
  -- From one offered time to the next.
  increment int not null default 30 check (increment between 5 and 1440),
  buffer_before int not null default 0 check (buffer_before between 0 and 1440),
  buffer_after int not null default 0 check (buffer_after between 0 and 1440),
  notice int not null default 1440 check (notice between 0 and 525600),
  window_days int default 60 check (window_days between 0 and 730),
  most_a_day int check (most_a_day between 1 and 100),
  most_a_week int check (most_a_week between 1 and 500),
  -- How many people share one occasion.
  seats int not null default 1 check (seats between 1 and 500),
  place_kind text not null default 'link' check (place_kind in ('link', 'address', 'phone', 'later')),
  place text not null default '' check (length(place) <= 500),
  -- Until how long before it begins a customer may cancel it without losing anything, and move it; null = always.
  cancel_cutoff int default 1440 check (cancel_cutoff between 0 and 525600),
  move_cutoff int default 1440 check (move_cutoff between 0 and 525600),
  most_moves int default 2 check (most_moves between 0 and 20)
);

-- A stretch of the owner's time that is given to one service. Appointments are seats in it.
create table occasion (
  id uuid primary key,
  product_id uuid not null references product,
  starts_at timestamptz not null check (isfinite(starts_at)),
  ends_at timestamptz not null check (isfinite(ends_at)),
  -- With its buffers, as they were when it was booked: later changes of the service never reach back.
  blocked tstzrange not null,
  seats int not null check (seats between 1 and 500),
  -- Nobody has a seat any more, and the time is free.
  released_at timestamptz,
  -- The owner said twice that it may overlap.
  overlap_allowed boolean not null default false,
  created_at timestamptz not null default clock_now(),
  unique (id, seats),
  check (starts_at < ends_at),
  check (lower(blocked) <= starts_at and upper(blocked) >= ends_at),
  check (not lower_inf(blocked) and not upper_inf(blocked)),
  -- Two occasions never share a minute, buffers included. Whoever asks second gets 23P01.
  constraint occasion_no_overlap exclude using gist (blocked with &&)
    where (released_at is null and not overlap_allowed)
);
create index occasion_by_start on occasion (starts_at) where released_at is null;
create index occasion_of_product on occasion (product_id, starts_at) where released_at is null;
create index occasion_blocked on occasion using gist (blocked) where released_at is null;

create table appointment (
  id uuid primary key,
  -- Of the form that asked for it: sent twice, it is one appointment.
  key text not null unique check (length(key) between 8 and 80),
  occasion_id uuid not null,
  seats int not null,
  seat int not null check (seat between 1 and seats),
  customer_id uuid not null references customer,
  state text not null default 'confirmed' check (state in ('confirmed', 'completed', 'no_show', 'cancelled')),
  -- What it was when it was booked.
  title text not null check (length(title) between 1 and 120),
  -- As the customer agreed to it: what their clock shows and where, beside the instant. "2026-11-24T09:30".
  local_start text not null check (local_start ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d$'),
  zone text not null check (length(zone) between 1 and 64),
  -- The shop's zone of that moment, for whoever asks what the owner's clock was to show.
  owner_local_start text not null check (owner_local_start ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d$'),
  owner_zone text not null check (length(owner_zone) between 1 and 64),
  place_kind text not null,
  place text not null,
  cancel_cutoff int,
  move_cutoff int,
  most_moves int,
  moves int not null default 0 check (moves >= 0),
  -- Grows with each change; reminders and calendar files are of one version.
  version int not null default 1 check (version >= 1),
  booked_by text not null check (booked_by in ('customer', 'owner')),
  cancelled_by text check (cancelled_by in ('customer', 'owner', 'system')),
  cancelled_at timestamptz,
  -- In the words of whoever cancelled.
  cancel_reason text check (length(cancel_reason) between 1 and 500),
  created_at timestamptz not null default clock_now(),
  -- The occasion holds as many seats as this says, so that a seat too many cannot be written.
  foreign key (occasion_id, seats) references occasion (id, seats),
  check ((state = 'cancelled') = (cancelled_at is not null)),
  check ((state = 'cancelled') = (cancelled_by is not null))
);
create unique index appointment_has_its_seat on appointment (occasion_id, seat) where state <> 'cancelled';
create unique index appointment_once_each on appointment (occasion_id, customer_id) where state <> 'cancelled';
create index appointment_of_customer on appointment (customer_id, created_at desc);
create index appointment_of_occasion on appointment (occasion_id);

-- What happened to it, for ever.
create table appointment_change (
  id bigint generated always as identity primary key,
  appointment_id uuid not null references appointment,
  version int not null,
  kind text not null check (kind in ('booked', 'moved', 'cancelled', 'completed', 'no_show', 'restored')),
  actor_kind text not null check (actor_kind in ('owner', 'member', 'system')),
  starts_at timestamptz not null,
  former_starts_at timestamptz,
  at timestamptz not null default clock_now(),
  unique (appointment_id, version, kind)
);
create trigger appointment_change_is_append_only before update or delete on appointment_change
  for each row execute function refuse_change();
