-- Clients: programs that get tokens in their own name.

CREATE TABLE client (
  -- Never like a person's id: a service token says it as `sub`.
  client_id   text PRIMARY KEY CHECK (client_id NOT LIKE 'usr\_%'),
  name        text NOT NULL UNIQUE,
  scopes      text[] NOT NULL,
  -- The service name of the workload that it stands for.
  workload    text UNIQUE,
  -- In its tokens as `sv`: raised to refuse all of them.
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL,
  disabled_at timestamptz
);

CREATE TABLE client_secret (
  secret_id   text PRIMARY KEY,
  client_id   text NOT NULL REFERENCES client,
  -- SHA-256: it has 256 random bits, so that there is nothing to guess.
  secret_hash bytea NOT NULL,
  created_at  timestamptz NOT NULL,
  -- NULL: until the next rotation.
  expires_at  timestamptz
);
CREATE INDEX client_secret_client ON client_secret (client_id, created_at DESC);
