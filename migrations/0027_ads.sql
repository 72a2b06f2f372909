-- Ads of Google's AdSense across the storefront: one account, and an ad unit for each place that has one.
create table ad_account (
  only_row boolean primary key default true check (only_row),
  client text not null check (client ~ '^ca-pub-[0-9]{16}$'),
  -- Nothing of Google's is loaded before the visitor said yes on the page.
  asks_first boolean not null default true,
  updated_at timestamptz not null default clock_now()
);

create table ad_place (
  place text primary key check (place ~ '^[a-z_]{1,30}$'),
  unit text not null check (unit ~ '^[0-9]{10}$')
);

create trigger ad_account_is_public after insert or update or delete on ad_account
  for each statement execute function bump_public_version();
create trigger ad_place_is_public after insert or update or delete on ad_place
  for each statement execute function bump_public_version();
