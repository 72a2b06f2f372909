-- Which way of paying a subscription is charged by, as Stripe calls it: its own, else its customer's.
alter table subscription add column stripe_method_id text check (length(stripe_method_id) between 1 and 255);

-- A payment that is owed is tried by itself with each new card, whether its holder comes back or not: once for an invoice and a card.
create table card_try (
  id uuid primary key,
  invoice_id uuid not null references subscription_invoice,
  stripe_method_id text not null check (length(stripe_method_id) between 1 and 255),
  -- known: Stripe had tried it before us; needless: nothing was owed any more; given_up: Stripe could not be asked for long, or has
  -- no such card.
  state text not null default 'due' check (state in ('due', 'paid', 'refused', 'known', 'needless', 'given_up')),
  due_at timestamptz default clock_now(),
  tries int not null default 0,
  -- Whoever is at it has it until then, in machine time; who died loses it.
  held_until timestamptz not null default '-infinity',
  -- Committed before Stripe is asked to charge: an answer that was lost is asked for again under the same key.
  asked_at timestamptz,
  last_error text check (length(last_error) <= 500),
  created_at timestamptz not null default clock_now(),
  settled_at timestamptz,
  unique (invoice_id, stripe_method_id),
  check ((state = 'due') = (due_at is not null)),
  check ((state = 'due') = (settled_at is null))
);
create index card_try_due on card_try (due_at) where state = 'due';

create function card_try_is_once() returns trigger language plpgsql as $$
begin
  if old.state not in ('due', 'needless') and new.state <> old.state then
    raise exception 'a card is tried once for an invoice' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger card_try_stays_settled before update on card_try
  for each row execute function card_try_is_once();
