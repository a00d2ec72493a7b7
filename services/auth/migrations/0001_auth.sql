-- Credentials, sessions, keys and the record of what changed. Times are the service's clock, not
-- the database's, so that one clock decides.

CREATE TABLE account (
  account_id     text PRIMARY KEY,
  email          text NOT NULL,
  status         text NOT NULL CHECK (status IN ('PENDING', 'ACTIVE', 'SUSPENDED', 'FAILED')),
  password_hash  text NOT NULL,
  roles          text[] NOT NULL,
  version        integer NOT NULL DEFAULT 1,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL
);
-- A sign-up that was given up (FAILED) no longer holds its e-mail; its row goes when the user service
-- was told.
CREATE UNIQUE INDEX account_email ON account (email) WHERE status <> 'FAILED';
CREATE INDEX account_failed ON account (account_id) WHERE status = 'FAILED';

CREATE TABLE session (
  session_id     text PRIMARY KEY,
  account_id     text NOT NULL REFERENCES account,
  narrowed_scope text,
  client_address text NOT NULL,
  created_at     timestamptz NOT NULL,
  last_used_at   timestamptz NOT NULL,
  -- When it ends unless it is refreshed before, and when it ends in any case.
  expires_at     timestamptz NOT NULL,
  ends_at        timestamptz NOT NULL,
  revoked_at     timestamptz,
  revoked_for    text
);
CREATE INDEX session_account ON session (account_id, created_at DESC);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE refresh_token (
  -- SHA-256 of the token: it has 256 random bits, so that there is nothing to guess.
  token_hash       bytea PRIMARY KEY,
  session_id       text NOT NULL REFERENCES session ON DELETE CASCADE,
  created_at       timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL,
  used_at          timestamptz,
  successor_hash   bytea,
  -- The successor, sealed under a key that only the bearer of this token can derive. Erased when
  -- the grace is over or the successor was used.
  successor_sealed bytea
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);
CREATE INDEX refresh_token_successor ON refresh_token (successor_hash);
CREATE INDEX refresh_token_sealed ON refresh_token (used_at) WHERE successor_sealed IS NOT NULL;

-- One row: the position of the last change. Its row lock makes commit order (ADR 0003).
CREATE TABLE access_position (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  position bigint NOT NULL
);
INSERT INTO access_position (position) VALUES (0);

CREATE TABLE access_change (
  position   bigint PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN (
    'session_revoked', 'token_revoked', 'token_claims_change', 'credential_change', 'keys_changed')),
  -- Session, token or subject; empty for keys.
  about      text NOT NULL,
  version    integer,
  made_at    timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX access_change_expires ON access_change (expires_at);
CREATE INDEX access_change_about ON access_change (about);

-- Own signing keys; the private halves are sealed under the key-encryption key.
CREATE TABLE signing_key (
  kid            text PRIMARY KEY,
  purpose        text NOT NULL CHECK (purpose IN ('access', 'passport')),
  alg            text NOT NULL,
  public_spki    bytea NOT NULL,
  sealed_private bytea NOT NULL,
  created_at     timestamptz NOT NULL
);

-- A known text under the key-encryption key: a wrong one is noticed before anything is done.
CREATE TABLE kek_canary (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sealed   bytea NOT NULL
);

-- Passport keys of gateways: public halves only.
CREATE TABLE passport_key (
  kid              text PRIMARY KEY,
  issuer           text NOT NULL,
  public_spki      bytea NOT NULL,
  registered_at    timestamptz NOT NULL,
  lease_expires_at timestamptz NOT NULL
);

-- Proofs of possession that were used: each is good once.
CREATE TABLE used_proof (
  jti        text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);

-- What happened, for those who have to answer for it. Rows are added, never changed.
CREATE TABLE audit (
  audit_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at             timestamptz NOT NULL,
  actor          text NOT NULL,
  action         text NOT NULL,
  target         text NOT NULL,
  client_address text NOT NULL,
  trace_id       text NOT NULL
);
CREATE INDEX audit_target ON audit (target, at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit record is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
