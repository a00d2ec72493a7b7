-- Assets that could not get their value of a day, and why. One that extension refuses is set aside at once,
-- one for which it sends no usable response after three runs: the day is done without those. A repeat tries
-- them again, and takes out those that succeed.
create table asset_failure (
  user_id bigint not null references asset,
  day date not null,
  reason text not null,
  runs integer not null,
  is_set_aside boolean not null,
  failed_at timestamptz not null,
  primary key (user_id, day)
);
create index asset_failure_day on asset_failure (day);
