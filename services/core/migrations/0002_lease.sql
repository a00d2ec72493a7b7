-- Who runs a day is in the table of leases.
alter table asset_batch drop column fence, drop column runner, drop column lease_until;
