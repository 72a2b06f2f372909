-- What is told of a payment that is owed: the last reminder, and the end of the grace.
alter table subscription_event
  drop constraint subscription_event_what_check,
  add constraint subscription_event_what_check check (what in ('begun', 'status', 'renewed', 'cancel_set', 'cancel_unset', 'plan',
    'change_set', 'change_unset', 'grace_ending', 'grace_over', 'paused', 'resumed', 'surplus', 'drift', 'gone'));

-- Asked on every page of a member: few rows owe anything.
create index subscription_owing on subscription (member_id) where status in ('past_due', 'unpaid');
create index subscription_past_due on subscription (past_due_since) where status = 'past_due';
