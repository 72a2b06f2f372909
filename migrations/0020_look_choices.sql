-- Room and head of the storefront, chosen beside the look; null: as the look has it.
alter table site add column density text check (density in ('close', 'regular', 'roomy'));
alter table site add column head text check (head in ('beside', 'centred', 'bar'));
