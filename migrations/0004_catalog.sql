-- What the shop sells. A product's kind says how it is delivered; what it delivers lies in the kind's own module.

-- An uploaded picture, re-encoded on arrival: metadata gone, several widths, a small blurred stand-in.
create table image (
  id uuid primary key,
  width int not null check (width between 1 and 20000),
  height int not null check (height between 1 and 20000),
  -- data: URL of a picture a few pixels wide, shown until the real one is there.
  blur text not null check (length(blur) <= 4000),
  created_at timestamptz not null default clock_now()
);
create table image_variant (
  image_id uuid not null references image on delete cascade,
  width int not null,
  format text not null check (format in ('webp', 'jpeg')),
  file_id uuid not null references stored_file,
  primary key (image_id, width, format)
);
create unique index image_variant_by_file on image_variant (file_id);

-- What is searched: letters without their marks, in lower case, so that "cafe" finds "Café".
create function folded(words text) returns text language sql immutable strict parallel safe
  return lower(regexp_replace(normalize(words, NFKD), '[\u0300-\u036f]', '', 'g'));

create table product (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,80}$'),
  kind text not null check (kind ~ '^[a-z_]+$'),
  title text not null check (length(title) between 1 and 120),
  -- One sentence below the title.
  summary text not null default '' check (length(summary) <= 240),
  description_md text not null default '' check (length(description_md) <= 50000),
  state text not null default 'draft' check (state in ('draft', 'live', 'archived')),
  -- Order on the front page: small first, then newest.
  position int not null default 0,
  is_example boolean not null default false,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  published_at timestamptz,
  archived_at timestamptz,
  search tsvector not null generated always as (
    setweight(to_tsvector('simple', folded(title)), 'A')
      || setweight(to_tsvector('simple', folded(summary)), 'B')
      || setweight(to_tsvector('simple', folded(description_md)), 'C')
  ) stored
);
create index product_by_search on product using gin (search);
create index product_in_store on product (state, position, published_at desc, id);
create index product_by_time on product (created_at desc, id desc);

-- An address that was once printed stays good: old slugs lead to the product.
create table product_former_slug (
  slug text primary key,
  product_id uuid not null references product on delete cascade
);
create index product_former_slug_by_product on product_former_slug (product_id);

create table product_image (
  product_id uuid not null references product on delete cascade,
  image_id uuid not null references image,
  -- 0 = cover, then the gallery in order.
  position int not null check (position between 0 and 11),
  alt text not null default '' check (length(alt) <= 300),
  primary key (product_id, position),
  unique (product_id, image_id)
);
create index product_image_by_image on product_image (image_id);

-- Immutable: an amount that was once offered is never another amount later. A new price is a new row.
-- It goes only with its whole product, which in turn cannot go once a checkout or an order names it.
create table price (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references product on delete cascade,
  amount_minor bigint not null check (amount_minor between 0 and 99999999),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  is_active boolean not null default true,
  created_at timestamptz not null default clock_now()
);
create unique index price_one_active_per_product on price (product_id) where is_active;
create index price_by_product on price (product_id, created_at desc);

create function price_is_immutable() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    -- In a cascade the product's row is gone already.
    if exists (select 1 from product where id = old.product_id) then
      raise exception 'a price is never deleted' using errcode = 'restrict_violation';
    end if;
    return old;
  end if;
  if (new.id, new.product_id, new.amount_minor, new.currency, new.created_at)
     is distinct from (old.id, old.product_id, old.amount_minor, old.currency, old.created_at) then
    raise exception 'a price never changes; make a new one' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger price_never_changes before update or delete on price
  for each row execute function price_is_immutable();

-- Tax that a price already contains, by the buyer's country. product_id null = the whole shop;
-- country null = everywhere. The most exact row wins; no row = no tax told.
create table tax_rate (
  id uuid primary key default gen_random_uuid(),
  product_id uuid references product on delete cascade,
  country text check (country ~ '^[A-Z]{2}$'),
  -- 1900 = 19 %
  basis_points int not null check (basis_points between 0 and 5000),
  label text not null default 'VAT' check (length(label) between 1 and 30),
  created_at timestamptz not null default clock_now()
);
create unique index tax_rate_one_per_place on tax_rate (
  coalesce(product_id, '00000000-0000-0000-0000-000000000000'), coalesce(country, '')
);

create trigger product_is_public after insert or update or delete on product
  for each statement execute function bump_public_version();
create trigger product_image_is_public after insert or update or delete on product_image
  for each statement execute function bump_public_version();
create trigger price_is_public after insert or update or delete on price
  for each statement execute function bump_public_version();
create trigger tax_rate_is_public after insert or update or delete on tax_rate
  for each statement execute function bump_public_version();
