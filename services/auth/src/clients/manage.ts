/** Clients, as operators make, change and end them. */
import * as audit from '../audit/store.ts';
import * as changes from '../changes/store.ts';
import { type Base, nowOf, type Operator } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { secondsAfter } from '../common/lifetimes.ts';
import type { Client, ClientSecret, ClientWithSecrets } from './rules.ts';
import { createSecret, hashSecret } from './secrets.ts';
import * as clients from './store.ts';

export interface ClientsParts extends Base {
  /** SPIFFE IDs of the workloads that it stands for. */
  readonly identitiesOf: (client: Client) => readonly string[];
}

export interface NewClient {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly workload: string | undefined;
  /** It will sign assertions: no secret is made. */
  readonly withoutSecret?: boolean;
}

/** A secret in clear: shown once, never kept. */
export interface FreshSecret {
  readonly secretId: string;
  readonly clientSecret: string;
}

export interface Clients {
  /** @throws auth.client_name_taken */
  create(
    client: NewClient,
    by: Operator,
  ): Promise<{ readonly clientId: string; readonly secret: FreshSecret | undefined }>;
  /** Disabled ones too, by name. */
  list(): Promise<readonly ClientWithSecrets[]>;
  /**
   * Adds a secret. The one before ends after the overlap, every older one at once.
   *
   * @returns when the one before ends; undefined when there is none any more.
   * @throws auth.client_unknown, also for one that is disabled.
   */
  rotate(
    rotation: { readonly clientId: string; readonly overlapSeconds: number },
    by: Operator,
  ): Promise<FreshSecret & { readonly previousExpiresAt: Date | undefined }>;
  /**
   * Ends its secrets, and every token that it has by raising its version.
   *
   * @throws auth.client_unknown; never for one that is disabled already.
   */
  disable(clientId: string, by: Operator): Promise<void>;
}

export function createClients(parts: ClientsParts): Clients {
  const { database, newId } = parts;
  const now = () => nowOf(parts.clock);

  function freshSecret(): { readonly shown: FreshSecret; readonly kept: ClientSecret } {
    const clientSecret = createSecret();
    const id = newId('csec');
    const hash = hashSecret(clientSecret);
    return {
      shown: { secretId: id, clientSecret },
      kept: { id, hash, createdAt: now(), expiresAt: undefined },
    };
  }

  async function create(
    { withoutSecret = false, ...wanted }: NewClient,
    { actor, origin }: Operator,
  ) {
    const clientId = newId('cli');
    const client: Client = {
      ...wanted,
      id: clientId,
      version: 1,
      createdAt: now(),
      disabledAt: undefined,
    };
    const secret = withoutSecret ? undefined : freshSecret();
    await database.transaction(async (tx) => {
      if (!(await clients.insert(tx, client))) throw authErrors.CLIENT_NAME_TAKEN();
      if (secret !== undefined) await clients.addSecret(tx, clientId, secret.kept);
      const entry = { actor, action: 'client.created', target: clientId } as const;
      await audit.record(tx, { ...entry, origin, at: now() });
    });
    return { clientId, secret: secret?.shown };
  }

  async function rotate(
    { clientId, overlapSeconds }: { readonly clientId: string; readonly overlapSeconds: number },
    { actor, origin }: Operator,
  ) {
    const { shown, kept } = freshSecret();
    const endsAt = secondsAfter(now(), overlapSeconds);
    const previousStays = await database.transaction(async (tx) => {
      const client = await clients.hold(tx, clientId);
      if (client === undefined || client.disabledAt !== undefined) {
        throw authErrors.CLIENT_UNKNOWN();
      }
      const stays = await clients.endSecrets(tx, clientId, endsAt);
      await clients.addSecret(tx, clientId, kept);
      const entry = { actor, action: 'client.secret_rotated', target: clientId } as const;
      await audit.record(tx, { ...entry, origin, at: now() });
      return stays && overlapSeconds > 0;
    });
    return { ...shown, previousExpiresAt: previousStays ? endsAt : undefined };
  }

  async function disable(clientId: string, { actor, origin }: Operator): Promise<void> {
    await database.transaction(async (tx) => {
      const client = await clients.hold(tx, clientId);
      if (client === undefined) throw authErrors.CLIENT_UNKNOWN();
      const at = now();
      const version = await clients.disable(tx, clientId, at);
      if (version === undefined) return;
      await clients.deleteSecrets(tx, clientId);
      const entry = { actor, action: 'client.disabled', target: clientId } as const;
      await audit.record(tx, { ...entry, origin, at });
      for (const about of [clientId, ...parts.identitiesOf(client)]) {
        await changes.append(tx, { kind: 'credential_change', about, version }, at);
      }
    });
    parts.hint();
  }

  return { create, list: () => clients.list(database.read, now()), rotate, disable };
}
