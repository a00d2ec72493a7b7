-- A person's asset. The number is what other systems know the person by; the subject is who it is.
create table asset (
  user_id bigint generated always as identity primary key,
  subject text collate "C" not null unique,
  opened_with bigint not null check (opened_with >= 0),
  opened_at timestamptz not null,
  -- The last row of the history: its day, and its value once more.
  current_day date not null,
  asset bigint not null check (asset >= 0)
);

-- One value for each person and day, for good.
create table asset_history (
  user_id bigint not null references asset,
  day date not null,
  original_asset bigint not null check (original_asset >= 0),
  multiplier numeric not null check (multiplier > 0),
  asset bigint not null check (asset >= 0),
  recorded_at timestamptz not null,
  primary key (user_id, day)
);

-- Both are written in one transaction, the person first.
alter table asset add constraint current_asset_history
  foreign key (user_id, current_day) references asset_history (user_id, day)
  deferrable initially deferred;

-- The daily batch: who works on which day, and how far it is. The fence counts the runners of a day;
-- one that lost its lease can write nothing any more.
create table asset_batch (
  day date primary key,
  state text not null check (state in ('RUNNING', 'DONE', 'INCOMPLETE')),
  fence bigint not null,
  runner text not null,
  lease_until timestamptz not null,
  total bigint not null,
  updated bigint not null,
  failed bigint not null,
  started_at timestamptz not null,
  finished_at timestamptz
);

create function ms_between(first timestamptz, later timestamptz) returns float8
  language sql stable return extract(epoch from later - first) * 1000;
