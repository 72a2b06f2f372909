-- What the seller of a checkout encloses in its note at Stripe (a gift's words, consents, answers), sealed: payments does not know what it
-- says. Every try for the same session must send the same, so it stands here until Stripe has answered, and no longer.
alter table checkout add column enclosure text check (length(enclosure) <= 21500);
