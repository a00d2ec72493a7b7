-- Who runs a day is in the table of leases. The version before this one still fills these columns; a later
-- migration drops them.
alter table asset_batch
  alter column fence drop not null,
  alter column runner drop not null,
  alter column lease_until drop not null;
