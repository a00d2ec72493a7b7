import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

// Accepting a connection, its handshake and its first request each take a turn of the loop.
const TURNS = 5;

/**
 * Waits until what had been sent to this process by now is read, before its listeners are closed: what
 * lies unread in a connection that is closed is lost.
 *
 * A process that was short of CPU finds its timers due before it looks at its sockets, so the time
 * alone does not do: some turns of the event loop follow.
 *
 * @param ms - for what is still on its way.
 *
 * @example
 * ```ts
 * import { settle } from '@gatehouse/chassis';
 *
 * export async function stop(server: { close(): void }) {
 *   await settle(100);
 *   server.close();
 * }
 * ```
 */
export async function settle(ms: number): Promise<void> {
  if (ms > 0) await delay(ms);
  for (let left = TURNS; left > 0; left -= 1) await turn();
}
