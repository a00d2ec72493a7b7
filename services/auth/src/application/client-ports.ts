/** What the use cases of clients need of the database. */
import type { Client, ClientSecret } from '../domain/client.ts';

/** A client with the secrets that are valid, the newest first. */
export interface ClientWithSecrets extends Client {
  readonly secrets: readonly ClientSecret[];
}

export interface ClientRecords {
  /** @returns false when the name or the workload is taken. */
  insert(client: Client): Promise<boolean>;
  /** By name, with the secrets that are valid now. */
  list(now: Date): Promise<readonly ClientWithSecrets[]>;
  /** One, with the secrets that are valid now. */
  find(clientId: string, now: Date): Promise<ClientWithSecrets | undefined>;
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
