-- What was paid. An order is written once, when the money is there, with snapshots of all that it says.

-- Order numbers are unique and rise; a payment that fails while it is being booked leaves a gap, which is
-- allowed here (invoices have their own gap-free series).
create sequence order_number start 1001;

create table shop_order (
  id uuid primary key,
  number bigint not null unique default nextval('order_number'),
  -- One order a checkout, whoever comes first: webhook, return page, sweep or owner.
  checkout_id uuid not null unique references checkout,
  customer_id uuid not null references customer,
  email text not null,
  buyer_name text,
  country text check (country ~ '^[A-Z]{2}$'),
  currency text not null,
  total_minor bigint not null check (total_minor >= 0),
  tax_minor bigint not null default 0 check (tax_minor between 0 and total_minor),
  refunded_minor bigint not null default 0 check (refunded_minor between 0 and total_minor),
  -- A dispute is open right now; the bank took the money back for good.
  is_disputed boolean not null default false,
  is_dispute_lost boolean not null default false,
  -- Play money is told apart from real money for ever.
  mode text not null check (mode in ('rehearsal', 'test', 'live')),
  placed_at timestamptz not null
);
create index shop_order_by_time on shop_order (placed_at desc, id desc);
create index shop_order_by_customer on shop_order (customer_id, placed_at desc);
create index shop_order_by_email on shop_order (email text_pattern_ops);
create index shop_order_refunded on shop_order (placed_at desc, id desc) where refunded_minor > 0;
create index shop_order_disputed on shop_order (placed_at desc, id desc) where is_disputed or is_dispute_lost;

create table order_line (
  id uuid primary key,
  order_id uuid not null references shop_order,
  position int not null,
  product_id uuid not null references product,
  price_id uuid not null references price,
  kind text not null,
  title text not null,
  quantity int not null check (quantity between 1 and 999),
  unit_minor bigint not null check (unit_minor >= 0),
  total_minor bigint not null check (total_minor >= 0),
  tax_basis_points int not null default 0,
  tax_label text,
  tax_minor bigint not null default 0 check (tax_minor between 0 and total_minor),
  refunded_minor bigint not null default 0 check (refunded_minor between 0 and total_minor),
  unique (order_id, position)
);
create index order_line_by_product on order_line (product_id);

-- What an order says was true when it was placed. Only what came back later may change.
create function order_keeps_its_words() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'an order is never deleted' using errcode = 'restrict_violation';
  end if;
  if (new.number, new.checkout_id, new.currency, new.total_minor, new.tax_minor, new.mode, new.placed_at)
       is distinct from (old.number, old.checkout_id, old.currency, old.total_minor, old.tax_minor, old.mode, old.placed_at) then
    raise exception 'a placed order keeps its number and amounts' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger shop_order_keeps_its_words before update or delete on shop_order
  for each row execute function order_keeps_its_words();

create function order_line_keeps_its_words() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'an order line is never deleted' using errcode = 'restrict_violation';
  end if;
  if (to_jsonb(new) - 'refunded_minor') is distinct from (to_jsonb(old) - 'refunded_minor') then
    raise exception 'a placed order line keeps its words and amounts' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger order_line_keeps_its_words before update or delete on order_line
  for each row execute function order_line_keeps_its_words();

-- The currency is fixed by the first sale, and while somebody is about to make it: amounts of two currencies cannot be added up.
create function currency_is_fixed_by_sales() returns trigger language plpgsql as $$
begin
  if new.currency <> old.currency and (exists (select 1 from shop_order)
      or exists (select 1 from checkout where state in ('open', 'awaiting_payment'))) then
    raise exception 'the currency is fixed after the first sale' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger site_currency_is_fixed before update on site
  for each row execute function currency_is_fixed_by_sales();
