-- Files that are looked after: checked again and again, told about when there is a new version, fetched a limited number of
-- times where the owner wants that. All columns may be empty, so that the program of before runs on.

-- The store's mark: of two shops that were given one bucket, or of two processes of one shop that were given two disks, the second
-- finds another mark (or none) and does not start. marked_at: when the mark was first written into the store.
create table storage_home (
  only_row boolean primary key default true check (only_row),
  id uuid not null default gen_random_uuid(),
  marked_at timestamptz
);
insert into storage_home default values;

-- checked_at: when its bytes were last read whole and compared (machine time: it paces the reading). damaged_at: they are
-- missing or others than sha256 says; nothing of it is handed out until they are right again.
alter table stored_file
  add column checked_at timestamptz,
  add column damaged_at timestamptz,
  add column damage text check (length(damage) <= 200);
create index stored_file_to_check on stored_file (checked_at nulls first, id) where damaged_at is null;
create index stored_file_damaged on stored_file (damaged_at) where damaged_at is not null;

-- How often each version of each file may be fetched under one entitlement; null = as often as they like.
alter table download add column most_downloads int check (most_downloads between 1 and 1000);

-- One download, in however many requests it came: a window that begins with the first byte and takes in everything fetched of that
-- version under that entitlement until it closes. It is complete once, when every byte has left.
create table download_window (
  id uuid primary key default gen_random_uuid(),
  entitlement_id uuid not null references entitlement,
  version_id uuid not null references download_version on delete cascade,
  begun_at timestamptz not null default clock_now(),
  -- [[first, end], ...] in bytes, end excluded, ascending, apart from each other.
  covered jsonb not null default '[]',
  delivered_bytes bigint not null default 0 check (delivered_bytes >= 0),
  completed_at timestamptz,
  closed_at timestamptz
);
-- Whoever comes at the same time comes into the same window: two at once are one download.
create unique index download_window_open on download_window (entitlement_id, version_id) where closed_at is null;
create index download_window_completed on download_window (entitlement_id, version_id, completed_at)
  where completed_at is not null;
create index download_window_of_version on download_window (version_id, completed_at);

-- What the owner allows one buyer beyond the product's limit, for each version of each file.
create table download_allowance (
  entitlement_id uuid primary key references entitlement,
  extra int not null check (extra between 1 and 1000),
  updated_at timestamptz not null default clock_now()
);

-- The last word on the limit, whichever process asks: nothing completes beyond it.
create function refuse_download_beyond_limit() returns trigger language plpgsql as $$
declare
  most int;
  done int;
begin
  select download.most_downloads + coalesce(allowance.extra, 0) into most
  from download_version version
  join download_item item on item.id = version.item_id
  join download on download.product_id = item.product_id
  left join download_allowance allowance on allowance.entitlement_id = new.entitlement_id
  where version.id = new.version_id;
  if most is null then return new; end if;
  -- Two that complete at once wait for each other here.
  perform 1 from entitlement where id = new.entitlement_id for no key update;
  select count(*) into done from download_window other
  where other.entitlement_id = new.entitlement_id and other.version_id = new.version_id
    and other.completed_at is not null and other.id <> new.id;
  if done >= most then
    raise exception 'no download beyond the limit' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger download_window_within_limit before update on download_window
  for each row when (old.completed_at is null and new.completed_at is not null)
  execute function refuse_download_beyond_limit();

alter table access_log add column window_id uuid references download_window on delete set null;
create index access_log_by_item on access_log (item_id, id desc);
create index access_log_by_version on access_log (version_id, id desc);

-- The owner tells the buyers of a new version: once a version, one mail a person.
create table version_notice (
  id uuid primary key default gen_random_uuid(),
  version_id uuid not null unique references download_version on delete cascade,
  state text not null default 'running' check (state in ('running', 'stopped', 'done')),
  asked_by uuid references member on delete set null,
  -- Machine time: paces the mails over all processes.
  next_at timestamptz not null default machine_now(),
  created_at timestamptz not null default clock_now(),
  finished_at timestamptz
);
create index version_notice_running on version_notice (next_at) where state = 'running';

-- Who is to be told. One row a person and version, whatever number of orders or addresses they own it by.
create table version_notice_person (
  version_id uuid not null references download_version on delete cascade,
  -- member:<id> or customer:<id>
  person text not null,
  address text not null check (length(address) between 3 and 254),
  entitlement_id uuid not null references entitlement,
  state text not null default 'waiting' check (state in ('waiting', 'told', 'left_out')),
  at timestamptz,
  primary key (version_id, person),
  unique (version_id, address)
);
create index version_notice_person_waiting on version_notice_person (version_id, person) where state = 'waiting';
