-- Licence keys: what a buyer types into software to show that it was bought. A key belongs to what was bought (an order line,
-- a comp) and never changes; whether it opens is asked of the entitlement, and is stored nowhere else.

create table licence_offer (
  product_id uuid primary key references product on delete cascade,
  -- Switched off: keys that are out stay as they are, new purchases get none.
  is_on boolean not null,
  -- Seats for each one bought.
  seats int not null check (seats between 1 and 1000),
  prefix text not null default '' check (prefix ~ '^([A-Z][A-Z0-9]{0,7})?$'),
  switched_on_at timestamptz not null default clock_now(),
  -- Somebody who bought before may be without a key still: the round goes on until there is nobody.
  owes_earlier boolean not null default true
);
create index licence_offer_owing on licence_offer (product_id) where is_on and owes_earlier;

create table licence (
  id uuid primary key default gen_random_uuid(),
  -- 19 random letters of Crockford's 32, and one that tells a slip of the finger (licences/key.ts).
  code text not null unique check (code ~ '^[0-9A-HJKMNP-TV-Z]{20}$'),
  -- Stands before the code when it is shown, and means nothing.
  prefix text not null,
  product_id uuid not null references product,
  source_kind text not null check (source_kind in ('order_line', 'comp')),
  source_id uuid not null,
  seats_each int not null check (seats_each between 1 and 1000),
  -- How many of it were bought and not given back. All given back: the entitlement closes, and this stays.
  quantity int not null check (quantity between 1 and 999),
  seats int not null generated always as (seats_each * quantity) stored,
  -- Counted by licence_seats_are_counted alone.
  seats_used int not null default 0 check (seats_used >= 0),
  created_at timestamptz not null default clock_now(),
  unique (source_kind, source_id, product_id),
  constraint licence_seats_suffice check (seats_used <= seats_each * quantity)
);
create index licence_by_product on licence (product_id);

create function licence_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'a licence is never deleted' using errcode = 'restrict_violation';
  end if;
  if (new.code, new.prefix, new.product_id, new.source_kind, new.source_id)
       is distinct from (old.code, old.prefix, old.product_id, old.source_kind, old.source_id) then
    raise exception 'a licence keeps its key and what it belongs to' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger licence_stays before update or delete on licence
  for each row execute function licence_stays();

-- Where a key is in use right now. A seat that was let go leaves no row.
create table licence_activation (
  id uuid primary key default gen_random_uuid(),
  licence_id uuid not null references licence,
  -- What the software calls the place it runs in.
  instance text not null check (length(instance) between 1 and 200),
  -- For people: "Studio computer".
  name text not null default '' check (length(name) <= 100),
  created_at timestamptz not null default clock_now(),
  -- Told at most once an hour.
  seen_at timestamptz not null default clock_now(),
  unique (licence_id, instance)
);

-- Taking a seat locks the licence's row, so the last one goes to one of many who want it at once.
create function licence_seats_are_counted() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update licence set seats_used = seats_used + 1 where id = new.licence_id;
  else
    update licence set seats_used = seats_used - 1 where id = old.licence_id;
  end if;
  return null;
end $$;
create trigger licence_seats_are_counted after insert or delete on licence_activation
  for each row execute function licence_seats_are_counted();
