-- A price or the product may be archived in Stripe's own dashboard: the plan follows, and its owner is told.
alter table plan_price
  -- Stripe told of a change that was not ours: looked at before anything is written there.
  add column changed_there_at timestamptz,
  -- Found archived there, and disabled here for it; null again once the owner enables it.
  add column closed_there_at timestamptz;
