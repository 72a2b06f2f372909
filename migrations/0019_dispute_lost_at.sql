-- The day a dispute was lost is kept by itself: the row changes for other reasons too, and the numbers of a day that is over
-- must not move with them. What was lost before keeps the day its row last changed, the best that is known.
alter table dispute add column lost_at timestamptz;
update dispute set lost_at = updated_at where state = 'lost';

-- Written here, so that whoever writes the state cannot forget it.
create function note_when_dispute_is_lost() returns trigger language plpgsql as $$
begin
  new.lost_at := case when new.state = 'lost' then coalesce(new.lost_at, clock_now()) end;
  return new;
end $$;
create trigger dispute_lost_is_noted before insert or update on dispute
  for each row execute function note_when_dispute_is_lost();

drop index dispute_lost_by_time;
create index dispute_lost_by_time on dispute (lost_at) where state = 'lost';
