-- Keys that change while tokens are being signed. A key's state follows from these times.
ALTER TABLE signing_key
  -- Published from created_at on; signs from here until the next one does.
  ADD COLUMN signs_from timestamptz,
  ADD COLUMN revoked_at timestamptz,
  -- Erased when the key is retired or revoked.
  ALTER COLUMN sealed_private DROP NOT NULL;
UPDATE signing_key SET signs_from = created_at;
ALTER TABLE signing_key ALTER COLUMN signs_from SET NOT NULL;

-- Kept after the lease: a revoked key never comes back.
ALTER TABLE passport_key ADD COLUMN revoked_at timestamptz;

ALTER TABLE access_change DROP CONSTRAINT access_change_kind_check;
ALTER TABLE access_change ADD CONSTRAINT access_change_kind_check CHECK (kind IN (
  'session_revoked', 'token_revoked', 'token_claims_change', 'credential_change', 'keys_changed',
  'key_revoked'));
