-- One multiplier for each user and day, drawn when it is first asked for, and never changed.
create table daily_multiplier (
  user_id bigint not null,
  day date not null,
  multiplier numeric(9, 8) not null check (multiplier between 0.95 and 1.05),
  drawn_at timestamptz not null,
  primary key (user_id, day)
);

create table nickname (
  user_id bigint primary key,
  nickname text collate "C" not null unique,
  given_at timestamptz not null
);
