-- Subscriptions, invoices and what belongs to them are listed by these (INDEXED_FIELDS in store.ts).
create index object_billing_customer on stripe_sandbox.object (account, kind, (doc ->> 'customer'))
  where kind in ('subscription', 'invoice', 'invoiceitem', 'setup_intent', 'customer_balance_transaction') and listed;
create index object_subscription_clock on stripe_sandbox.object (account, kind, (doc ->> 'test_clock'))
  where kind in ('subscription') and listed;
create index object_session_subscription on stripe_sandbox.object (account, kind, (doc ->> 'subscription'))
  where kind in ('checkout.session') and listed;
create index object_invoice_subscription on stripe_sandbox.object
  (account, kind, (doc #>> array['parent', 'subscription_details', 'subscription']))
  where kind in ('invoice') and listed;
create index object_invoice on stripe_sandbox.object (account, kind, (doc ->> 'invoice'))
  where kind in ('invoiceitem', 'invoice_payment') and listed;
create index object_paying_intent on stripe_sandbox.object
  (account, kind, (doc #>> array['payment', 'payment_intent']))
  where kind in ('invoice_payment') and listed;
create index object_code on stripe_sandbox.object (account, kind, (doc ->> 'code'))
  where kind in ('promotion_code') and listed;
create index object_coupon on stripe_sandbox.object (account, kind, (doc #>> array['promotion', 'coupon']))
  where kind in ('promotion_code') and listed;

-- More pages whose address is all a visitor has.
drop index stripe_sandbox.object_address;
create index object_address on stripe_sandbox.object (id)
  where kind in ('checkout.session', 'payment_intent', 'setup_intent', 'charge', '_recovery', '_inspector', '_invoice_door', '_portal_door');
