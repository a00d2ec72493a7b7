import { type Clock, nowOf } from '../common/base.ts';
import type { Db } from '../database.ts';
import type { ClientWithSecrets } from './rules.ts';
import * as clients from './store.ts';

/** Reads a client with the secrets that are valid now. */
export type FindClient = (clientId: string) => Promise<ClientWithSecrets | undefined>;

type Found = ReadonlyMap<string, ClientWithSecrets>;

/**
 * Reads clients for many requests at once: those that come while a statement is under way share the
 * next one. Nothing is cached: each result is as the database had it after the request came, so that a disabled client and an ended secret are refused from the next request on.
 */
export function createClientLookup(db: Db, clock: Clock): FindClient {
  let running: Promise<unknown> = Promise.resolve();
  let next: { readonly ids: Set<string>; readonly found: Promise<Found> } | undefined;

  async function readAfter(before: Promise<unknown>, ids: ReadonlySet<string>): Promise<Found> {
    await before.catch(() => undefined);
    next = undefined;
    const found = await clients.findMany(db, [...ids], nowOf(clock));
    return new Map(found.map((client) => [client.id, client]));
  }

  return async (clientId) => {
    if (next === undefined) {
      const ids = new Set<string>();
      const found = readAfter(running, ids);
      running = found;
      next = { ids, found };
    }
    next.ids.add(clientId);
    return (await next.found).get(clientId);
  };
}
