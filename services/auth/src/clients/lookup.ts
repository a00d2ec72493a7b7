import type { Clock } from '../common/base.ts';
import type { FindClient } from './authenticate.ts';
import type { ClientRecords, ClientWithSecrets } from './client-ports.ts';

type Found = ReadonlyMap<string, ClientWithSecrets>;

/**
 * Reads clients for many requests at once: those that come while a statement is under way share the
 * next one. Nothing is remembered: each answer is as the database had it after the question was asked,
 * so that a disabled client and an ended secret are refused from the next request on.
 */
export function createClientLookup(
  records: Pick<ClientRecords, 'findMany'>,
  clock: Clock,
): FindClient {
  let running: Promise<unknown> = Promise.resolve();
  let next: { readonly ids: Set<string>; readonly found: Promise<Found> } | undefined;

  async function readAfter(before: Promise<unknown>, ids: ReadonlySet<string>): Promise<Found> {
    await before.catch(() => undefined);
    next = undefined;
    const clients = await records.findMany([...ids], new Date(clock.nowMs()));
    return new Map(clients.map((client) => [client.id, client]));
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
