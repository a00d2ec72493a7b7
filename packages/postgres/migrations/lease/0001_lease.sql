-- Who may do a piece of work, for as long as they renew it. A row is never deleted: its epoch only rises.
create table lease (
  name text collate "C" primary key,
  epoch bigint not null,
  holder text not null,
  expires_at timestamptz not null,
  -- Makes the epoch part of a key. A write under the lease locks the row FOR KEY SHARE: that lets renewals
  -- pass, which change no key, and makes a takeover, which does, wait until the write is committed.
  unique (name, epoch)
);
