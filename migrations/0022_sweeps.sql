-- How often what was tried at this backend has been swept away. Stands sealed in what is noted beside each session there: Stripe goes on
-- telling of sales from before, and those are not taken up again.
alter table stripe_backend add column sweeps int not null default 0 check (sweeps >= 0);
