-- Which network holds a coupon's use for somebody who is paying: nobody may hold a code with few uses away from all others. Gone with
-- the hold.
alter table coupon_use add column network text check (length(network) <= 100);
create index coupon_use_held on coupon_use (coupon_id, network) where state = 'held';
