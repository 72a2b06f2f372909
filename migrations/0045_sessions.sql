-- A product's questions are asked before it is paid, or when a time of it is booked.
alter table product_question add column asked text not null default 'buying' check (asked in ('buying', 'booking'));

-- Sessions of a service that were bought or given: so many times may be booked, one after another.
create table session_right (
  id uuid primary key,
  source_kind text not null check (source_kind in ('order_line', 'comp')),
  source_id uuid not null,
  product_id uuid not null references product,
  granted int not null check (granted between 0 and 1000),
  -- Booked, and neither cancelled in time nor taken back.
  used int not null default 0,
  created_at timestamptz not null default clock_now(),
  unique (source_kind, source_id, product_id),
  constraint session_right_is_not_overdrawn check (used between 0 and granted)
);

alter table appointment
  -- What it was booked with; null = the owner made it.
  add column right_id uuid references session_right,
  -- Cancelled in time, by the owner or with the purchase: its session can be booked again.
  add column session_returned boolean not null default false,
  add constraint appointment_returns_what_it_used
    check (not session_returned or (state = 'cancelled' and right_id is not null));
create unique index appointment_one_active_of_right on appointment (right_id) where state = 'confirmed';
create index appointment_of_right on appointment (right_id, created_at desc) where right_id is not null;
-- Whose end has passed without a word of the owner.
create index appointment_confirmed on appointment (occasion_id) where state = 'confirmed';

-- What the customer told when booking, in the words of the question at that time.
create table appointment_answer (
  appointment_id uuid not null references appointment,
  question_id uuid not null references product_question,
  position int not null,
  question text not null check (length(question) between 1 and 200),
  answer text not null check (length(answer) between 1 and 5000),
  primary key (appointment_id, question_id)
);
