-- Setting up and going live: what the owner enters in pages instead of in the environment, the state of the set-up, the look,
-- findings of the self-test, and the one door through which everything of a rehearsal leaves.

-- Keys and addresses with passwords, sealed under the shop's secret. A variable in the environment wins over the row.
create table shop_setting (
  name text not null check (name in (
    'STRIPE_SECRET_KEY', 'WAITING_STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'SMTP_URL', 'MAIL_FROM')),
  -- Of a webhook secret: the mode and account it was made for. It is of no use with the keys of another.
  belongs_to text not null default '' check (length(belongs_to) <= 120),
  sealed text not null check (length(sealed) between 20 and 8000),
  -- What may be shown of it: the last four signs of a key, the server of a mail address.
  hint text not null default '' check (length(hint) <= 300),
  updated_at timestamptz not null default clock_now(),
  primary key (name, belongs_to)
);

create table shop_setup (
  only_row boolean primary key default true check (only_row),
  -- The entered keys are in force: the rehearsal has ended. False: they wait.
  uses_keys boolean not null default false,
  went_live_at timestamptz,
  -- Steps of the wizard that were done or left out, by name.
  steps_done text[] not null default '{}' check (cardinality(steps_done) <= 20),
  steps_skipped text[] not null default '{}' check (cardinality(steps_skipped) <= 20),
  checklist_closed_at timestamptz,
  keys_checked_at timestamptz,
  mail_tested_at timestamptz,
  mail_tested_to text check (length(mail_tested_to) <= 254)
);
insert into shop_setup default values;

-- Every process takes up what was entered, and pages that say "rehearsal" are made anew.
create function tell_shop_setting() returns trigger language plpgsql as $$
begin
  perform pg_notify('shop_setting', '');
  return null;
end $$;
create trigger shop_setting_changed after insert or update or delete on shop_setting
  for each statement execute function tell_shop_setting();
create trigger shop_setup_mode_changed after update of uses_keys on shop_setup
  for each statement execute function tell_shop_setting();
create trigger shop_setup_is_public after update of uses_keys on shop_setup
  for each statement execute function bump_public_version();

-- A backend the shop has left takes nothing new: a process that has not heard of it yet cannot begin a sale there.
alter table stripe_backend add column closed_at timestamptz;
create function backend_is_open() returns trigger language plpgsql as $$
begin
  if exists (select from stripe_backend where id = new.backend_id and closed_at is not null) then
    raise exception 'the shop has left this payment backend' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger checkout_backend_is_open before insert on checkout
  for each row execute function backend_is_open();
create trigger stripe_event_backend_is_open before insert on stripe_event
  for each row execute function backend_is_open();

-- Emptying a table passes by the triggers that keep single rows. With real money in the shop it is refused as well: only a
-- rehearsal can be swept away, whoever asks.
create function refuse_emptying_after_live_sales() returns trigger language plpgsql as $$
begin
  if exists (select from shop_order where mode = 'live')
    or exists (
      select from payment join stripe_backend on stripe_backend.id = payment.backend_id where stripe_backend.mode = 'live')
    or exists (
      select from checkout join stripe_backend on stripe_backend.id = checkout.backend_id
      where stripe_backend.mode = 'live' and checkout.state in ('open', 'awaiting_payment', 'paid'))
  then
    raise exception '% is not emptied: this shop has taken real money', tg_table_name using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
do $$
declare
  name text;
begin
  foreach name in array array[
    'checkout', 'checkout_line', 'checkout_consent', 'coupon_use', 'payment', 'refund', 'refund_line', 'dispute',
    'shop_order', 'order_line', 'entitlement', 'entitlement_event', 'customer', 'gift', 'comp', 'audit_entry'
  ] loop
    execute format(
      'create trigger %I before truncate on %I for each statement execute function refuse_emptying_after_live_sales()',
      name || '_is_kept_after_live_sales', name);
  end loop;
end $$;

-- How the storefront presents itself: fonts, corners, room, head. Colours come from the brand whatever the look.
alter table site add column look text not null default 'warm'
  check (look in ('plain', 'warm', 'editorial', 'bold', 'night', 'soft'));

-- What the last round of the self-test found, one row a line of its page.
create table self_test (
  name text primary key check (length(name) <= 40),
  tone text not null check (tone in ('good', 'warn', 'bad', 'quiet')),
  title text not null check (length(title) <= 200),
  words text not null check (length(words) <= 2000),
  remedy text not null default '' check (length(remedy) <= 2000),
  checked_at timestamptz not null default clock_now()
);
