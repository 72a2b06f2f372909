-- Product kind "download": any mix of files, links and snippets, with a greeting and directions.
create table download (
  product_id uuid primary key references product on delete cascade,
  greeting text not null default '' check (length(greeting) <= 500),
  directions_md text not null default '' check (length(directions_md) <= 10000),
  updated_at timestamptz not null default clock_now()
);

create table download_item (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references product on delete cascade,
  position int not null,
  item_kind text not null check (item_kind in ('file', 'link', 'snippet')),
  title text not null check (length(title) between 1 and 120),
  note text not null default '' check (length(note) <= 300),
  -- link
  url text check (length(url) <= 2000),
  -- snippet
  body text check (length(body) <= 100000),
  language text check (length(language) <= 30),
  -- Taken away by the owner; buyers no longer see it, the log keeps it.
  removed_at timestamptz,
  created_at timestamptz not null default clock_now(),
  check (item_kind <> 'link' or url is not null),
  check (item_kind <> 'snippet' or body is not null)
);
create index download_item_by_product on download_item (product_id, position) where removed_at is null;

-- A file's versions, the highest number newest. Rights are never stored per file: what a product holds is looked up when it is read.
create table download_version (
  id uuid primary key default gen_random_uuid(),
  item_id uuid not null references download_item on delete cascade,
  file_id uuid not null references stored_file,
  number int not null check (number > 0),
  label text not null default '1' check (length(label) between 1 and 30),
  changes text not null default '' check (length(changes) <= 2000),
  -- Pages of a PDF, where it could be told.
  page_count int check (page_count > 0),
  -- Taken away by the owner, like an item.
  removed_at timestamptz,
  created_at timestamptz not null default clock_now(),
  unique (item_id, number)
);
create index download_version_by_file on download_version (file_id);

-- Who fetched or opened what, when: what a dispute is answered with.
create table access_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_now(),
  entitlement_id uuid not null references entitlement,
  item_id uuid references download_item on delete set null,
  version_id uuid references download_version on delete set null,
  act text not null check (act in ('download', 'open_link', 'copy')),
  -- Bytes sent by this request; complete = it reached the end of the file. A download that was resumed
  -- has several rows, the last of which is complete.
  bytes bigint not null default 0,
  is_complete boolean not null default false,
  network text,
  user_agent text
);
create index access_log_by_entitlement on access_log (entitlement_id, id desc);

create trigger download_is_public after insert or update or delete on download
  for each statement execute function bump_public_version();
create trigger download_item_is_public after insert or update or delete on download_item
  for each statement execute function bump_public_version();
create trigger download_version_is_public after insert or update or delete on download_version
  for each statement execute function bump_public_version();
