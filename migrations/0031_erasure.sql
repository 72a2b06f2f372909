-- Who leaves takes what tells of them; what was sold stays in the books without them.

-- A declaration is kept as it was made, until the person behind it is taken out of it: once it is decided, and for good.
alter table withdrawal add column erased_at timestamptz;
create or replace function withdrawal_keeps_its_words() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.erased_at is null and new.erased_at is not null and old.state <> 'received' then
    if (new.id, new.order_id, new.received_at, new.state, new.decided_at)
         is distinct from (old.id, old.order_id, old.received_at, old.state, old.decided_at)
       or new.name <> '' or new.words <> '' or new.network is not null then
      raise exception 'of a declaration the person alone is taken out, and wholly' using errcode = 'restrict_violation';
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' or (new.email, new.name, new.words, new.order_typed, new.received_at, new.erased_at)
       is distinct from (old.email, old.name, old.words, old.order_typed, old.received_at, old.erased_at) then
    raise exception 'a declaration is kept as it was made' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

-- What was agreed to stays; from where may be forgotten.
create function consent_keeps_its_words() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (to_jsonb(new) - 'network') is distinct from (to_jsonb(old) - 'network') or new.network is not null then
    raise exception 'checkout_consent is append-only' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
drop trigger checkout_consent_stays on checkout_consent;
create trigger checkout_consent_stays before update or delete on checkout_consent
  for each row execute function consent_keeps_its_words();

-- What was done stays, and by whom; a person named in the particulars may be taken out.
create function audit_entry_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (to_jsonb(new) - 'detail') is distinct from (to_jsonb(old) - 'detail') or exists (
    select from jsonb_each(old.detail) was full join jsonb_each(new.detail) now using (key)
    where was.value is distinct from now.value and (was.value is null or now.value is distinct from '"erased"')
  ) then
    raise exception 'audit_entry is append-only' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
drop trigger audit_entry_is_append_only on audit_entry;
create trigger audit_entry_is_append_only before update or delete on audit_entry
  for each row execute function audit_entry_stays();

create index stripe_event_of_who_left on stripe_event (received_at) where type in ('customer.deleted', 'payment_method.detached');

-- What the numbers of memberships are added up from: renewals that change nothing are most of the ledger, and none of them.
create index subscription_event_moves on subscription_event (subscription_id, id)
  include (at, what, status, plan_id, revenue_delta_minor, committed_delta_minor, currency)
  where what <> 'renewed' or revenue_delta_minor <> 0 or committed_delta_minor <> 0;
