-- What is given without being bought by whoever uses it: by the owner (comps), or by somebody else (gifts).

create table comp (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid not null references customer,
  email text not null,
  product_id uuid not null references product,
  -- For the owner's record; I03 wants who and why.
  reason text not null check (length(reason) between 1 and 500),
  given_by uuid references member on delete set null,
  created_at timestamptz not null default clock_now(),
  ended_at timestamptz,
  ended_reason text check (length(ended_reason) <= 500)
);
-- One at a time: given twice by a slip of the hand it is given once.
create unique index comp_once on comp (customer_id, product_id) where ended_at is null;
create index comp_by_customer on comp (customer_id, created_at desc);
create index comp_by_time on comp (created_at desc, id desc);

-- A purchase for somebody else. What it gives waits until it is taken.
create table checkout_gift (
  checkout_id uuid primary key references checkout,
  from_name text not null check (length(from_name) between 1 and 120),
  to_name text not null default '' check (length(to_name) <= 120),
  -- null: the buyer hands the link over.
  to_email text check (length(to_email) <= 254),
  message text not null default '' check (length(message) <= 1000)
);
create table gift (
  order_id uuid primary key references shop_order,
  redeemed_by uuid references customer,
  redeemed_at timestamptz,
  created_at timestamptz not null default clock_now(),
  check ((redeemed_by is null) = (redeemed_at is null))
);
-- Taken once: never given to a second person, never taken back.
create function gift_is_taken_once() returns trigger language plpgsql as $$
begin
  if old.redeemed_at is not null and (new.redeemed_by, new.redeemed_at) is distinct from (old.redeemed_by, old.redeemed_at) then
    raise exception 'a gift is taken once' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger gift_is_taken_once before update on gift for each row execute function gift_is_taken_once();

-- An order that was moved to another address is not opened by the links its former buyer was given.
alter table shop_order add column link_version int not null default 0 check (link_version >= 0);
