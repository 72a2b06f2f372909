-- Money of subscriptions that went back, or is being argued about. Stripe's word, mirrored like the invoices it came from.
create table subscription_refund (
  -- Of one of ours: the key at Stripe, so that asking again gives the money back once.
  id uuid primary key,
  backend_id int not null references stripe_backend,
  invoice_id uuid not null references subscription_invoice,
  -- null until Stripe has answered; made at Stripe's side when does_then is null.
  stripe_refund_id text,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- requested = committed here, Stripe not yet heard; it is asked again with the same key.
  state text not null
    check (state in ('requested', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
  reason text not null default '' check (length(reason) <= 500),
  -- What becomes of the subscription, as its owner chose; null: nobody chose, and the whole of a period's money closes what it opened.
  does_then text check (does_then in ('end', 'keep')),
  requested_by uuid references member on delete set null,
  failure text,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  unique (backend_id, stripe_refund_id)
);
create index subscription_refund_by_invoice on subscription_refund (invoice_id, created_at);
create index subscription_refund_by_time on subscription_refund (created_at);
create index subscription_refund_unanswered on subscription_refund (created_at) where state = 'requested';
-- Pressed twice, or in two windows: one at a time, and the second one sees what the first has left.
create unique index subscription_refund_one_under_way on subscription_refund (invoice_id) where state = 'requested';

-- The owner cannot ask for more than is left. What Stripe tells is written as it is told.
create function subscription_refund_fits() returns trigger language plpgsql as $$
begin
  perform from subscription_invoice where id = new.invoice_id for update;
  if exists (
    select from subscription_refund
    where invoice_id = new.invoice_id and state not in ('failed', 'canceled')
    having sum(amount_minor) > (select paid_minor from subscription_invoice where id = new.invoice_id)
  ) then
    raise exception 'more goes back than was paid for the invoice'
      using errcode = 'check_violation', constraint = 'subscription_refund_fits';
  end if;
  return null;
end $$;
create constraint trigger subscription_refund_fits after insert on subscription_refund
  for each row when (new.state = 'requested') execute function subscription_refund_fits();

create table subscription_dispute (
  id uuid primary key,
  backend_id int not null references stripe_backend,
  invoice_id uuid not null references subscription_invoice,
  stripe_dispute_id text not null,
  amount_minor bigint not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  reason text not null,
  -- Stripe's own words: warning_needs_response, needs_response, under_review, won, lost ...
  state text not null,
  evidence_due_at timestamptz,
  lost_at timestamptz,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  unique (backend_id, stripe_dispute_id)
);
create index subscription_dispute_by_invoice on subscription_dispute (invoice_id, created_at);
create index subscription_dispute_lost_by_time on subscription_dispute (lost_at) where state = 'lost';
create trigger subscription_dispute_lost_is_noted before insert or update on subscription_dispute
  for each row execute function note_when_dispute_is_lost();

alter table subscription_invoice
  add column refunded_minor bigint not null default 0,
  add constraint subscription_invoice_refunded_fits check (refunded_minor between 0 and paid_minor);
create index subscription_invoice_paid_by_time on subscription_invoice (paid_at) where status = 'paid' and paid_minor > 0;

alter table subscription
  -- Where its money stands: what it opens is closed while that is not kept.
  add column money text not null default 'kept' check (money in ('kept', 'disputed', 'dispute_lost', 'refunded')),
  -- It is to be cancelled at Stripe, at once: the owner chose so with a refund, or a dispute was lost.
  add column is_to_end boolean not null default false;
create index subscription_to_end on subscription (started_at)
  where is_to_end and status in ('trialing', 'active', 'past_due', 'unpaid', 'paused');

alter table subscription_event
  drop constraint subscription_event_what_check,
  add constraint subscription_event_what_check check (what in ('begun', 'status', 'renewed', 'cancel_set', 'cancel_unset', 'plan',
    'change_set', 'change_unset', 'grace_ending', 'grace_over', 'paused', 'resumed', 'surplus', 'drift', 'gone',
    'discount_set', 'discount_over', 'assigned', 'refunded', 'refund_failed', 'dispute', 'access_kept'));

create trigger subscription_refund_is_kept_after_live_sales before truncate on subscription_refund
  for each statement execute function refuse_emptying_after_live_sales();
create trigger subscription_dispute_is_kept_after_live_sales before truncate on subscription_dispute
  for each statement execute function refuse_emptying_after_live_sales();
