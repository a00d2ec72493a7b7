/** What the use cases of clients need of the database. */
import type { Client, ClientSecret } from './rules.ts';

/** A client with the secrets that are valid, the newest first. */
export interface ClientWithSecrets extends Client {
  readonly secrets: readonly ClientSecret[];
  /** Thumbprints of its public keys, the newest first. */
  readonly kids: readonly string[];
}

/** A public key that a client signs assertions with. */
export interface ClientKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256';
  readonly publicKeySpki: Buffer;
}

export interface ClientRecords {
  /** @returns false when the name or the workload is taken. */
  insert(client: Client): Promise<boolean>;
  /** By name, with the secrets that are valid now. */
  list(now: Date): Promise<readonly ClientWithSecrets[]>;
  /** Some, with the secrets that are valid now; those that there are. */
  findMany(clientIds: readonly string[], now: Date): Promise<readonly ClientWithSecrets[]>;
  findByWorkload(workload: string): Promise<Client | undefined>;
  /** The newest first. */
  keysOf(clientId: string): Promise<readonly ClientKey[]>;
  /** @returns false when it is registered already. */
  addKey(clientId: string, key: ClientKey, now: Date): Promise<boolean>;
  /** @returns false when there is no such key. */
  removeKey(clientId: string, kid: string): Promise<boolean>;
  /** No one else changes the row until the transaction ends. */
  hold(clientId: string): Promise<Client | undefined>;
  /** Raises the version. @returns the new one; undefined when it was disabled already. */
  disable(clientId: string, now: Date): Promise<number | undefined>;
  addSecret(clientId: string, secret: ClientSecret): Promise<void>;
  /**
   * Ends every secret but the newest, and that one at `endsAt`.
   *
   * @returns whether one is left that ends later than it was made to.
   */
  endSecrets(clientId: string, endsAt: Date): Promise<boolean>;
  /** Ends every secret. */
  deleteSecrets(clientId: string): Promise<void>;
}
