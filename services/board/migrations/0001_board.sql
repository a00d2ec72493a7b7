-- Posts and the comments below them. Ids are time-ordered, so they are also the order of a list.

create table post (
  post_id text collate "C" primary key,
  author_id text not null,
  title text not null,
  body text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table comment (
  comment_id text collate "C" primary key,
  post_id text collate "C" not null references post on delete cascade,
  author_id text not null,
  body text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create index comment_of_post on comment (post_id, comment_id);
