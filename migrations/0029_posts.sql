-- Posts: what the owner writes for everybody, or for those who subscribe to a plan or own a product.

create table post_category (
  slug text primary key check (slug ~ '^[a-z0-9][a-z0-9-]{0,60}$'),
  title text not null check (length(title) between 1 and 60)
);

create table post (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,80}$'),
  title text not null check (length(title) between 1 and 160),
  -- '' = the shop's owner, as the shop names them.
  author text not null default '' check (length(author) <= 120),
  body_md text not null default '' check (length(body_md) <= 100000),
  -- The words that everybody may read: of a premium post those of its teaser. Nothing else of the text is searched or quoted.
  open_words text not null default '' check (length(open_words) <= 100000),
  -- Of the whole text.
  word_count int not null default 0 check (word_count >= 0),
  category_slug text references post_category,
  state text not null default 'draft' check (state in ('draft', 'scheduled', 'published')),
  -- When it appears or appeared; a draft that was published before remembers it.
  published_at timestamptz,
  is_premium boolean not null default false,
  opens_to_any_plan boolean not null default false,
  is_example boolean not null default false,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  -- Recently deleted: shown to its owner alone, gone for good after 30 days.
  deleted_at timestamptz,
  search tsvector not null generated always as (
    setweight(to_tsvector('simple', folded(title)), 'A') || setweight(to_tsvector('simple', folded(open_words)), 'C')
  ) stored,
  check (state = 'draft' or published_at is not null),
  check (is_premium or not opens_to_any_plan)
);
create index post_by_search on post using gin (search);
create index post_in_store on post (published_at desc, id desc) where state = 'published' and deleted_at is null;
create index post_by_category on post (category_slug);
create index post_by_time on post (created_at desc, id desc);
create index post_due on post (published_at) where state = 'scheduled';

-- An address that was once printed stays good.
create table post_former_slug (
  slug text primary key,
  post_id uuid not null references post on delete cascade
);
create index post_former_slug_by_post on post_former_slug (post_id);

-- What opens a premium post, besides any plan at all: one of these. As entitlements name it.
create table post_opener (
  post_id uuid not null references post on delete cascade,
  benefit text not null check (benefit in ('plan', 'product')),
  subject_id uuid not null,
  primary key (post_id, benefit, subject_id)
);
create index post_opener_by_subject on post_opener (benefit, subject_id);

-- What stands typed in the editor and was not saved yet. Of two tabs the one that has not seen the other's words is told.
create table post_typed (
  post_id uuid primary key references post on delete cascade,
  version bigint not null default 1,
  fields jsonb not null check (jsonb_typeof(fields) = 'object' and octet_length(fields::text) < 500000),
  typed_at timestamptz not null default clock_now()
);

create trigger post_is_public after insert or update or delete on post
  for each statement execute function bump_public_version();
create trigger post_category_is_public after insert or update or delete on post_category
  for each statement execute function bump_public_version();
create trigger post_opener_is_public after insert or update or delete on post_opener
  for each statement execute function bump_public_version();

-- Pictures in the text of a post. is_open: it stands where everybody may read, as the post was last saved.
create table post_image (
  image_id uuid primary key references image,
  post_id uuid not null references post on delete cascade,
  alt text not null default '' check (length(alt) <= 300),
  is_open boolean not null default false,
  added_at timestamptz not null default clock_now()
);
create index post_image_by_post on post_image (post_id, added_at);

-- A member's own feed, with all they may read: its address is made of this name and the shop's signature. A new name is a new address,
-- and the former one opens nothing.
create table post_feed (
  member_id uuid primary key references member on delete cascade,
  name uuid not null unique default gen_random_uuid(),
  made_at timestamptz not null default clock_now()
);
