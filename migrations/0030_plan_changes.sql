-- A change of plan when the paid period ends. Stripe has the next price at once, so that the renewal asks for it; until then the plan
-- that was paid for stays.
alter table subscription
  -- Written before Stripe is asked: should this plan's price be heard of within the period, it counts from the next one on.
  -- Which one really waits, as Stripe tells it, stands in next_plan_id.
  add column noted_plan_id uuid references plan;
create index subscription_by_noted_plan on subscription (noted_plan_id) where noted_plan_id is not null;

alter table subscription_event
  drop constraint subscription_event_what_check,
  add constraint subscription_event_what_check check (what in ('begun', 'status', 'renewed', 'cancel_set', 'cancel_unset', 'plan',
    'change_set', 'change_unset', 'paused', 'resumed', 'surplus', 'drift', 'gone'));
