-- The card a subscription is charged on, as its holder knows it. Of the number the last digits alone, which is all Stripe tells.
alter table subscription
  add column card_brand text check (length(card_brand) <= 40),
  add column card_last4 text check (card_last4 ~ '^[0-9]{4}$'),
  add column card_expires text check (card_expires ~ '^[0-9]{2}/[0-9]{4}$');
