-- Early fraud warnings are listed by their charge and payment (INDEXED_FIELDS in store.ts).
create index object_warning_charge on stripe_sandbox.object (account, kind, (doc ->> 'charge'))
  where kind in ('radar.early_fraud_warning') and listed;
create index object_warning_payment_intent on stripe_sandbox.object (account, kind, (doc ->> 'payment_intent'))
  where kind in ('radar.early_fraud_warning') and listed;
