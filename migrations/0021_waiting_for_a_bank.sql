-- What a member has bought and their bank has not sent yet: their dashboard tells of it.
create index checkout_waiting on checkout (member_id, created_at desc) where state = 'awaiting_payment';
