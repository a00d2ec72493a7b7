-- Who people are to each other. A row in SIGNUP_FAILED without a nickname is a tombstone: its
-- sign-up was given up before the profile was asked for.

create table profile (
  user_id text primary key,
  nickname text not null,
  status text not null
    check (status in ('PENDING', 'ACTIVE', 'SIGNUP_FAILED', 'SUSPENDED', 'DELETED')),
  locale text not null,
  time_zone text not null,
  email_notifications boolean not null,
  interests text[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
