-- Public keys of clients that authenticate with a signed assertion (private_key_jwt).
CREATE TABLE client_key (
  client_id   text NOT NULL REFERENCES client,
  kid         text NOT NULL,
  alg         text NOT NULL CHECK (alg IN ('RS256', 'ES256')),
  public_spki bytea NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (client_id, kid)
);
