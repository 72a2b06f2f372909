-- The rest of how the storefront presents itself; null: as the look has it. Sections: null: those the program brings.
alter table site add column fonts text check (fonts in
  ('newsreader', 'hanken', 'fraunces', 'instrument', 'bricolage', 'figtree', 'source', 'archivo'));
alter table site add column roundness text check (roundness in ('square', 'slight', 'round', 'soft'));
alter table site add column hero text check (hero in ('stacked', 'split', 'wide', 'words'));
alter table site add column front_sections jsonb
  check (jsonb_typeof(front_sections) = 'array' and octet_length(front_sections::text) < 300000);

-- What the owner works on before it is published: seen by the owner alone, so it bumps no public version. One row; its number only
-- ever grows, so that a tab that was left open cannot undo what came after it.
create table look_draft (
  only_row boolean primary key default true check (only_row),
  version bigint not null default 0,
  -- null: there is no draft; the published look stands for it.
  settings jsonb check (jsonb_typeof(settings) = 'object' and octet_length(settings::text) < 310000),
  changed_at timestamptz not null default clock_now()
);

-- Looks the shop wore, the newest last; any of them can be worn again.
create table published_look (
  number bigint generated always as identity primary key,
  settings jsonb not null check (jsonb_typeof(settings) = 'object' and octet_length(settings::text) < 310000),
  -- null: worn before looks were kept.
  published_at timestamptz
);
