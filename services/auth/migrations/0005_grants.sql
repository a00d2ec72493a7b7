-- A name and a workload are free again when their client is disabled.
ALTER TABLE client DROP CONSTRAINT client_name_key;
ALTER TABLE client DROP CONSTRAINT client_workload_key;
CREATE UNIQUE INDEX client_name ON client (name) WHERE disabled_at IS NULL;
CREATE UNIQUE INDEX client_workload ON client (workload) WHERE disabled_at IS NULL;

-- A workload's right to act for a person later: made from the person's passport, while that lives.
CREATE TABLE transaction_grant (
  grant_id        text PRIMARY KEY,
  -- The grant from which the passport was drawn that this one was made from.
  parent_id       text REFERENCES transaction_grant ON DELETE SET NULL,
  -- SPIFFE ID: nobody else can use it.
  workload        text NOT NULL,
  client_id       text NOT NULL REFERENCES client,
  account_id      text NOT NULL REFERENCES account,
  -- The account's version by then: another one ends it.
  account_version integer NOT NULL,
  txn             text NOT NULL,
  scopes          text[] NOT NULL,
  roles           text[] NOT NULL,
  -- `req_wl`, `rctx` and `tctx` of the passport.
  call_chain      text NOT NULL,
  request_context jsonb NOT NULL,
  method          text NOT NULL,
  purpose         text NOT NULL,
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  revoked_at      timestamptz
);
CREATE INDEX transaction_grant_account ON transaction_grant (account_id, created_at DESC);
CREATE INDEX transaction_grant_parent ON transaction_grant (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX transaction_grant_expires ON transaction_grant (expires_at);
