-- Backups of the whole shop: when each began and ended, where it lies, why it failed. Machine time: they guard against the loss
-- of a machine, and a moved rehearsal clock must neither hurry nor hide them.
create table backup_run (
  id bigint generated always as identity primary key,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  -- asked: by npm run backup; hourly: by the running shop.
  cause text not null check (cause in ('asked', 'hourly')),
  started_at timestamptz not null default machine_now(),
  finished_at timestamptz,
  -- The file, as the process that wrote it calls it.
  place text not null,
  bytes bigint check (bytes > 0),
  -- Files of the shop whose bytes could not be read whole.
  missing_files int not null default 0,
  error text check (length(error) <= 2000),
  check ((state = 'running') = (finished_at is null)),
  check ((state = 'done') = (bytes is not null)),
  check ((state = 'failed') = (error is not null))
);
create index backup_run_by_time on backup_run (started_at desc, id desc);
create index backup_run_done on backup_run (finished_at desc) where state = 'done';
