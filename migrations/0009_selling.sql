-- Selling several things at once: prices that the buyer may raise, bundles, coupons, questions, consent, and refunds by line.

-- Pay what you want: amount_minor is then the least, suggested_minor what the field holds at first.
alter table price add column is_open boolean not null default false;
alter table price add column suggested_minor bigint;
alter table price add constraint price_suggests_enough check (
  suggested_minor is null or (is_open and suggested_minor between amount_minor and 99999999)
);
create or replace function price_is_immutable() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    -- In a cascade the product's row is gone already.
    if exists (select 1 from product where id = old.product_id) then
      raise exception 'a price is never deleted' using errcode = 'restrict_violation';
    end if;
    return old;
  end if;
  if to_jsonb(new) - 'is_active' is distinct from to_jsonb(old) - 'is_active' then
    raise exception 'a price never changes; make a new one' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

-- How many of it one order may hold. 1 = it makes no sense to buy it twice.
alter table product add column most_per_order int not null default 1 check (most_per_order between 1 and 999);

-- What the owner wants to know before the purchase, asked with each of the product.
create table product_question (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references product on delete cascade,
  position int not null,
  question text not null check (length(question) between 1 and 200),
  help text not null default '' check (length(help) <= 300),
  answer_kind text not null check (answer_kind in ('line', 'lines', 'choice', 'yes_no')),
  choices text[] not null default '{}' check (cardinality(choices) <= 20),
  is_required boolean not null default true,
  -- Taken away by the owner; answers that were given stay.
  removed_at timestamptz,
  created_at timestamptz not null default clock_now(),
  check ((answer_kind = 'choice') = (cardinality(choices) >= 2))
);
create index product_question_by_product on product_question (product_id, position) where removed_at is null;
create trigger product_question_is_public after insert or update or delete on product_question
  for each statement execute function bump_public_version();

-- A bundle is a product made of others. What it holds is looked up when it is bought, and then stands on the order's lines.
create table bundle_part (
  bundle_id uuid not null references product on delete cascade,
  part_id uuid not null references product,
  position int not null,
  primary key (bundle_id, part_id),
  check (bundle_id <> part_id)
);
create index bundle_part_by_part on bundle_part (part_id);
create trigger bundle_part_is_public after insert or update or delete on bundle_part
  for each statement execute function bump_public_version();

-- What the buyer must agree to before paying, and whether the shop asks for it.
alter table site add column asks_terms boolean not null default false;
alter table site add column asks_immediate_delivery boolean not null default false;

-- ---- coupons: ours alone; Stripe is only told the sum that comes off ----
create table coupon (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9-]{1,39}$'),
  -- 2500 = 25 %
  basis_points int check (basis_points between 1 and 10000),
  amount_minor bigint check (amount_minor between 1 and 99999999),
  currency text check (currency ~ '^[A-Z]{3}$'),
  -- Of the lines it covers, before it comes off.
  minimum_minor bigint not null default 0 check (minimum_minor between 0 and 99999999),
  starts_at timestamptz,
  ends_at timestamptz,
  most_uses int check (most_uses > 0),
  most_uses_per_customer int check (most_uses_per_customer > 0),
  -- Counted by coupon_use_is_counted alone: paid uses and uses held for somebody who is paying right now.
  uses int not null default 0 check (uses >= 0),
  covers_all boolean not null default true,
  is_active boolean not null default true,
  note text not null default '' check (length(note) <= 300),
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  check ((basis_points is null) <> (amount_minor is null)),
  check ((amount_minor is null) = (currency is null)),
  check (ends_at is null or starts_at is null or ends_at > starts_at),
  constraint coupon_is_used_up check (most_uses is null or uses <= most_uses)
);
create index coupon_by_time on coupon (created_at desc, id desc);
create table coupon_product (
  coupon_id uuid not null references coupon on delete cascade,
  product_id uuid not null references product on delete cascade,
  primary key (coupon_id, product_id)
);
create index coupon_product_by_product on coupon_product (product_id);

alter table checkout add column discount_minor bigint not null default 0 check (discount_minor >= 0);
alter table checkout add column coupon_code text;
-- What was offered and agreed to, as a digest: pressing "Pay" again for exactly the same finds the open session.
alter table checkout add column offer text;

create table coupon_use (
  -- Held in the transaction that opens the checkout, and before it: whoever gets no use opens none.
  checkout_id uuid primary key references checkout deferrable initially deferred,
  coupon_id uuid not null references coupon,
  -- One word for one mailbox, whatever tags were added to it; null while nobody had to say.
  person text check (length(person) <= 254),
  discount_minor bigint not null check (discount_minor > 0),
  -- late: paid after the use had been given back; it counts against no limit, for the money is there.
  state text not null default 'held' check (state in ('held', 'used', 'freed', 'late')),
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now()
);
create index coupon_use_by_coupon on coupon_use (coupon_id, created_at desc);
create index coupon_use_by_person on coupon_use (coupon_id, person) where state in ('held', 'used');

-- Taking a use locks the coupon's row, so the last use goes to one of many who want it at once.
create function coupon_use_is_counted() returns trigger language plpgsql as $$
declare
  step int := (new.state in ('held', 'used'))::int;
  most int;
begin
  if tg_op = 'UPDATE' then step := step - (old.state in ('held', 'used'))::int; end if;
  if step = 0 and (tg_op = 'INSERT' or new.person is not distinct from old.person) then return null; end if;
  update coupon set uses = uses + step where id = new.coupon_id returning most_uses_per_customer into most;
  if step > 0 and most is not null and (
    select count(*) from coupon_use
    where coupon_id = new.coupon_id and person = new.person and state in ('held', 'used')
  ) > most then
    raise exception 'this person has used the coupon' using errcode = 'check_violation', constraint = 'coupon_per_customer';
  end if;
  return null;
end $$;
create trigger coupon_use_is_counted after insert or update on coupon_use
  for each row execute function coupon_use_is_counted();
create trigger coupon_use_stays before delete on coupon_use
  for each row execute function refuse_change();

-- ---- checkouts ----
alter table checkout_line add column discount_minor bigint not null default 0;
-- A part of a bundle stands on a line of its own, with its share of the bundle's price; lines of one bundle share bundle_at.
alter table checkout_line add column bundle_id uuid references product;
alter table checkout_line add column bundle_title text;
alter table checkout_line add column bundle_at int;
alter table checkout_line add constraint checkout_line_discount check (
  discount_minor between 0 and unit_minor * quantity
);
alter table checkout_line add constraint checkout_line_bundle check (
  (bundle_id is null) = (bundle_title is null) and (bundle_id is null) = (bundle_at is null)
);

-- Whatever a form says, nothing is sold below its price.
create function checkout_line_costs_its_price() returns trigger language plpgsql as $$
declare
  offered price%rowtype;
begin
  select * into offered from price where id = new.price_id;
  if offered.product_id <> coalesce(new.bundle_id, new.product_id) then
    raise exception 'this price is of another product' using errcode = 'check_violation';
  end if;
  if new.bundle_id is null and new.unit_minor <> offered.amount_minor
     and not (offered.is_open and new.unit_minor > offered.amount_minor) then
    raise exception 'a line costs its price' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger checkout_line_costs_its_price before insert or update on checkout_line
  for each row execute function checkout_line_costs_its_price();

create function bundle_costs_its_price() returns trigger language plpgsql as $$
declare
  offered price%rowtype;
  asked bigint;
begin
  select * into offered from price where id = new.price_id;
  select sum(unit_minor) into asked from checkout_line
    where checkout_id = new.checkout_id and bundle_at = new.bundle_at;
  if asked <> offered.amount_minor and not (offered.is_open and asked > offered.amount_minor) then
    raise exception 'the parts of a bundle cost its price together' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger bundle_costs_its_price after insert on checkout_line
  deferrable initially deferred for each row when (new.bundle_id is not null)
  execute function bundle_costs_its_price();

-- What the buyer agreed to, in the words that stood there.
create table checkout_consent (
  checkout_id uuid not null references checkout,
  kind text not null check (kind in ('terms', 'immediate_delivery')),
  words text not null check (length(words) between 1 and 2000),
  at timestamptz not null default clock_now(),
  network text,
  primary key (checkout_id, kind)
);
create trigger checkout_consent_stays before update or delete on checkout_consent
  for each row execute function refuse_change();

create table checkout_answer (
  checkout_id uuid not null references checkout,
  -- The line it was asked with.
  position int not null,
  question_id uuid not null references product_question,
  question text not null,
  answer text not null check (length(answer) <= 5000),
  primary key (checkout_id, position, question_id)
);

-- ---- orders ----
alter table shop_order add column discount_minor bigint not null default 0 check (discount_minor >= 0);
alter table shop_order add column coupon_code text;
alter table order_line add column discount_minor bigint not null default 0;
alter table order_line add column refunded_quantity int not null default 0;
alter table order_line add column bundle_id uuid references product;
alter table order_line add column bundle_title text;
alter table order_line add column bundle_at int;
alter table order_line add constraint order_line_adds_up check (
  total_minor = unit_minor * quantity - discount_minor and discount_minor >= 0
);
alter table order_line add constraint order_line_returns_what_it_had check (
  refunded_quantity between 0 and quantity
);
create index order_line_by_bundle on order_line (bundle_id) where bundle_id is not null;

create or replace function order_keeps_its_words() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'an order is never deleted' using errcode = 'restrict_violation';
  end if;
  if (new.number, new.checkout_id, new.currency, new.total_minor, new.discount_minor, new.tax_minor, new.mode, new.placed_at)
       is distinct from
     (old.number, old.checkout_id, old.currency, old.total_minor, old.discount_minor, old.tax_minor, old.mode, old.placed_at) then
    raise exception 'a placed order keeps its number and amounts' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create or replace function order_line_keeps_its_words() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'an order line is never deleted' using errcode = 'restrict_violation';
  end if;
  if (to_jsonb(new) - '{refunded_minor,refunded_quantity}'::text[])
       is distinct from (to_jsonb(old) - '{refunded_minor,refunded_quantity}'::text[]) then
    raise exception 'a placed order line keeps its words and amounts' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

-- Which lines a refund gives back. A refund without any was made at Stripe's side and is of the order as a whole.
create table refund_line (
  refund_id uuid not null references refund,
  order_line_id uuid not null references order_line,
  amount_minor bigint not null check (amount_minor > 0),
  -- How many of the line go back with it; 0 = only money.
  quantity int not null default 0 check (quantity >= 0),
  keeps_access boolean not null default false,
  primary key (refund_id, order_line_id)
);
create index refund_line_by_line on refund_line (order_line_id);

-- More than was paid for a line cannot go back on it, whatever its refunds' states; one that failed gives its part back.
create function refund_line_fits() returns trigger language plpgsql as $$
declare
  line order_line%rowtype;
begin
  select * into line from order_line where id = new.order_line_id for update;
  if exists (
    select from refund_line join refund on refund.id = refund_line.refund_id
    where order_line_id = new.order_line_id and refund.state not in ('failed', 'canceled')
    having sum(refund_line.amount_minor) > line.total_minor or sum(refund_line.quantity) > line.quantity
  ) then
    raise exception 'more goes back than was paid for the line' using errcode = 'check_violation', constraint = 'refund_line_fits';
  end if;
  return null;
end $$;
create trigger refund_line_fits after insert or update on refund_line
  for each row execute function refund_line_fits();
