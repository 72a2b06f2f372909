-- Community: how members show themselves, likes, and comments below posts.

-- What a member chose to show. Without a row nothing is shown, and they have not commented yet.
create table member_profile (
  member_id uuid primary key references member on delete cascade,
  -- Under it the page stands, once it is shown; never anybody else's afterwards.
  handle text not null unique check (handle ~ '^[a-z0-9][a-z0-9-]{1,59}$'),
  -- Stands beside comments.
  display_name text not null check (length(display_name) between 1 and 60),
  about text not null default '' check (length(about) <= 600),
  is_shown boolean not null default false,
  shows_picture boolean not null default false,
  -- Mail about replies; one press of a link in any of them ends it.
  mails_replies boolean not null default true,
  -- Of the owner: mail about comments that appeared by themselves.
  mails_comments boolean not null default true,
  updated_at timestamptz not null default clock_now()
);
create trigger member_profile_is_public after insert or update or delete on member_profile
  for each statement execute function bump_public_version();
-- A picture gets a new address each time: pages that show the former one are made anew.
create trigger member_picture_is_public after update of avatar_id on member
  for each row when (old.avatar_id is distinct from new.avatar_id) execute function bump_public_version();

-- Posts whose comments are closed: those that stand there stay, nobody adds to them.
create table post_comments_closed (
  post_id uuid primary key references post on delete cascade,
  closed_at timestamptz not null default clock_now()
);
create trigger post_comments_closed_is_public after insert or delete on post_comments_closed
  for each statement execute function bump_public_version();

-- Who may neither like nor comment.
create table community_ban (
  member_id uuid primary key references member on delete cascade,
  banned_at timestamptz not null default clock_now()
);
create trigger community_ban_is_public after insert or delete on community_ban
  for each statement execute function bump_public_version();

create table post_like (
  post_id uuid not null references post on delete cascade,
  member_id uuid not null references member on delete cascade,
  liked_at timestamptz not null default clock_now(),
  primary key (post_id, member_id)
);
create index post_like_by_member on post_like (member_id);

create table comment (
  id uuid primary key,
  post_id uuid not null references post on delete cascade,
  -- 0 = on the post itself, 1 = below such a one. There is no deeper.
  depth smallint not null check (depth in (0, 1)),
  parent_id uuid,
  parent_depth smallint check (parent_depth = 0),
  -- Which comment of the same thread a reply speaks to; null = the one it stands under.
  answers_id uuid references comment on delete set null,
  -- null = a former member.
  member_id uuid references member on delete set null,
  -- Made by the form: sent twice, it is one comment.
  form_id uuid not null,
  body text not null check (length(body) <= 4000),
  -- Of the words without their dress: the same text again is known by it.
  words_sha256 text not null check (length(words_sha256) = 64),
  state text not null check (state in ('shown', 'held', 'spam', 'hidden', 'deleted')),
  -- The machine's doubt when it was written.
  score smallint not null default 0,
  hidden_by text check (hidden_by in ('reports', 'owner')),
  created_at timestamptz not null default clock_now(),
  -- When it appeared first; null = it never did.
  shown_at timestamptz,
  edited_at timestamptz,
  state_at timestamptz not null default clock_now(),
  unique (id, post_id, depth),
  foreign key (parent_id, post_id, parent_depth) references comment (id, post_id, depth) on delete cascade,
  check ((depth = 0) = (parent_id is null)),
  check ((parent_id is null) = (parent_depth is null)),
  check (answers_id is null or parent_id is not null),
  check ((state = 'hidden') = (hidden_by is not null)),
  check (state <> 'shown' or shown_at is not null),
  -- What was deleted says nothing any more, and what says something was not deleted.
  check ((state = 'deleted') = (body = ''))
);
create unique index comment_one_a_form on comment (member_id, form_id);
create index comment_of_post on comment (post_id, created_at desc, id desc) where depth = 0;
create index comment_replies on comment (parent_id, created_at, id) where depth = 1;
create index comment_by_member on comment (member_id, created_at desc);
create index comment_by_words on comment (words_sha256, created_at desc);
create index comment_answers on comment (answers_id) where answers_id is not null;
create index comment_by_state on comment (state, state_at desc, id desc);

create table comment_like (
  comment_id uuid not null references comment on delete cascade,
  member_id uuid not null references member on delete cascade,
  liked_at timestamptz not null default clock_now(),
  primary key (comment_id, member_id)
);
create index comment_like_by_member on comment_like (member_id);

create table comment_report (
  comment_id uuid not null references comment on delete cascade,
  member_id uuid not null references member on delete cascade,
  reported_at timestamptz not null default clock_now(),
  -- The owner has looked and decided; it counts no more, and whoever made it makes no second one.
  is_settled boolean not null default false,
  primary key (comment_id, member_id)
);
create index comment_report_by_member on comment_report (member_id);

-- What was decided about comments and their writers, and by whom; append-only.
create table moderation_entry (
  id bigint generated always as identity primary key,
  comment_id uuid,
  member_id uuid,
  action text not null check (action in ('publish', 'hide', 'spam', 'undo', 'reports', 'ban', 'unban')),
  from_state text,
  to_state text,
  by_whom text not null check (by_whom in ('owner', 'reports')),
  at timestamptz not null default clock_now(),
  check ((comment_id is null) <> (action not in ('ban', 'unban')))
);
create index moderation_entry_by_comment on moderation_entry (comment_id, id desc);
create trigger moderation_entry_is_append_only before update or delete on moderation_entry
  for each row execute function refuse_change();

-- Sums, kept by the rows themselves (I25). Likes of comments stand apart from the comments: who moderates does not meet them.
create table post_tally (
  post_id uuid primary key references post on delete cascade,
  likes int not null default 0 check (likes >= 0),
  comments int not null default 0 check (comments >= 0)
);
create table comment_tally (
  comment_id uuid primary key references comment on delete cascade,
  likes int not null default 0 check (likes >= 0)
);

-- Likes come often, and kept pages would be thrown away for each: a round looks here and renews them once for all of its likes.
create table post_tally_change (
  id bigint generated always as identity primary key,
  post_id uuid not null
);
create function renew_tallies() returns trigger language plpgsql as $$
begin
  if exists (select from gone) then
    update public_version set version = version + 1;
    perform pg_notify('public_version', '');
  end if;
  return null;
end $$;
create trigger post_tally_change_is_public after delete on post_tally_change
  referencing old table as gone for each statement execute function renew_tallies();

create function count_post_like() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into post_tally (post_id, likes) values (new.post_id, 1)
      on conflict (post_id) do update set likes = post_tally.likes + 1;
    insert into post_tally_change (post_id) values (new.post_id);
  else
    update post_tally set likes = likes - 1 where post_id = old.post_id;
    insert into post_tally_change (post_id) values (old.post_id);
  end if;
  return null;
end $$;
create trigger post_like_is_counted after insert or delete on post_like
  for each row execute function count_post_like();

create function count_comment_like() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into comment_tally (comment_id, likes) values (new.comment_id, 1)
      on conflict (comment_id) do update set likes = comment_tally.likes + 1;
    insert into post_tally_change (post_id) select post_id from comment where id = new.comment_id;
  else
    update comment_tally set likes = likes - 1 where comment_id = old.comment_id;
    insert into post_tally_change (post_id) select post_id from comment where id = old.comment_id;
  end if;
  return null;
end $$;
create trigger comment_like_is_counted after insert or delete on comment_like
  for each row execute function count_comment_like();

create function count_comment() returns trigger language plpgsql as $$
begin
  if tg_op <> 'DELETE' and new.state = 'shown' and (tg_op = 'INSERT' or old.state <> 'shown') then
    insert into post_tally (post_id, comments) values (new.post_id, 1)
      on conflict (post_id) do update set comments = post_tally.comments + 1;
  elsif tg_op <> 'INSERT' and old.state = 'shown' and (tg_op = 'DELETE' or new.state <> 'shown') then
    update post_tally set comments = comments - 1 where post_id = old.post_id;
  end if;
  return null;
end $$;
create trigger comment_is_counted after insert or update of state or delete on comment
  for each row execute function count_comment();

-- Public pages change with what is or was shown on them; what is held or spam bothers none.
create trigger comment_came after insert on comment
  for each row when (new.state = 'shown') execute function bump_public_version();
create trigger comment_changed after update on comment
  for each row when (new.state = 'shown' or old.state = 'shown') execute function bump_public_version();
create trigger comment_went after delete on comment
  for each row when (old.state = 'shown') execute function bump_public_version();

-- Who is banned adds nothing, whatever page they have open.
create function refuse_banned() returns trigger language plpgsql as $$
begin
  if exists (select from community_ban where member_id = new.member_id) then
    raise exception 'member % is banned', new.member_id using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger post_like_by_welcome before insert on post_like for each row execute function refuse_banned();
create trigger comment_like_by_welcome before insert on comment_like for each row execute function refuse_banned();
create trigger comment_by_welcome before insert on comment for each row execute function refuse_banned();
create trigger comment_report_by_welcome before insert on comment_report for each row execute function refuse_banned();

-- A comment stays with its post, its place and, until they leave, its writer.
create function refuse_moving_comment() returns trigger language plpgsql as $$
begin
  if new.post_id <> old.post_id or new.parent_id is distinct from old.parent_id
    or (new.member_id is not null and new.member_id is distinct from old.member_id) or new.created_at <> old.created_at then
    raise exception 'comment % stays where and whose it is', old.id using errcode = 'restrict_violation';
  end if;
  if old.state = 'deleted' and new.state <> 'deleted' then
    raise exception 'comment % was deleted', old.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger comment_stays before update on comment for each row execute function refuse_moving_comment();
