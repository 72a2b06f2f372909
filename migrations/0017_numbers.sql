-- The owner's numbers are added up from orders, refunds and disputes. What is over does not change but by the few things that
-- bump this version, so that a part of the past may be added up once and remembered with it (numbers/server/figures.ts).
create table numbers_version (
  only_row boolean primary key default true check (only_row),
  version bigint not null default 0
);
insert into numbers_version default values;

-- Deferred: the one row is locked at the very end of a transaction, so nobody waits for anybody the other way round.
create function bump_numbers_version() returns trigger language plpgsql as $$
begin
  update numbers_version set version = version + 1;
  return null;
end $$;
create constraint trigger order_changes_numbers after update on shop_order
  deferrable initially deferred for each row execute function bump_numbers_version();
create constraint trigger refund_changes_numbers after insert or update on refund
  deferrable initially deferred for each row execute function bump_numbers_version();
create constraint trigger dispute_changes_numbers after insert or update on dispute
  deferrable initially deferred for each row execute function bump_numbers_version();

create index refund_by_time on refund (created_at, id);
create index dispute_lost_by_time on dispute (updated_at) where state = 'lost';
