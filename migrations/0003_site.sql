-- How the shop presents itself. One row; the currency is fixed by the first sale (see 0007_orders).
create table site (
  only_row boolean primary key default true check (only_row),
  name text not null check (length(name) between 1 and 80),
  sentence text not null default '' check (length(sentence) <= 200),
  about_md text not null default '' check (length(about_md) <= 20000),
  owner_name text not null default '' check (length(owner_name) <= 120),
  contact_email text check (length(contact_email) <= 254),
  -- IANA name; all of the owner's dates are told in it.
  time_zone text not null default 'UTC',
  -- BCP 47: how dates and money are written.
  locale text not null default 'en',
  -- ISO 4217, upper case. Prices are whole minor units of it.
  currency text not null default 'EUR' check (currency ~ '^[A-Z]{3}$'),
  brand_colour text not null default '#b4472e' check (brand_colour ~ '^#[0-9a-f]{6}$'),
  -- The temperature of the greys around the brand colour.
  paper text not null default 'warm' check (paper in ('warm', 'neutral', 'cool')),
  is_published boolean not null default true,
  updated_at timestamptz not null default clock_now()
);

-- Legal pages and the like: terms, privacy, refunds, imprint. Shown in the footer when they have text.
create table site_page (
  slug text primary key check (slug ~ '^[a-z0-9][a-z0-9-]{0,60}$'),
  title text not null check (length(title) between 1 and 120),
  body_md text not null default '' check (length(body_md) <= 100000),
  position int not null default 0,
  is_example boolean not null default false,
  updated_at timestamptz not null default clock_now()
);

create trigger site_is_public after insert or update or delete on site
  for each statement execute function bump_public_version();
create trigger site_page_is_public after insert or update or delete on site_page
  for each statement execute function bump_public_version();
