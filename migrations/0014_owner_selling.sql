-- A coupon of the example shop goes with the example products.
alter table coupon add column is_example boolean not null default false;
