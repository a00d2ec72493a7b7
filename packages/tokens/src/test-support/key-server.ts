/** A remote key set whose server, clock and timers are the test's own. */
import type { TestContext } from 'node:test';
import type { FetchedDocument } from '../keys/fetch-document.ts';
import { toPublicJwk } from '../keys/generate.ts';
import { createRemoteKeySet, type KeySetEvent, type RemoteKeySetOptions } from '../keys/remote.ts';
import { ecKey, rsaKey, testClock } from './forge.ts';

export const rsaJwk = toPublicJwk(rsaKey);
export const ecJwk = toPublicJwk(ecKey);

/** A good answer with these keys, or a bad one by `change`. */
export function answer(keys: unknown[], change: Partial<FetchedDocument> = {}): FetchedDocument {
  const body = Buffer.from(JSON.stringify({ keys }));
  return { status: 200, contentType: 'application/json', body, ...change };
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A key set whose server, clock and timers are the test's own. */
export function setUp(t: TestContext, options: Partial<RemoteKeySetOptions> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = testClock();
  const events: KeySetEvent[] = [];
  const server = {
    attempts: 0,
    answer: (): FetchedDocument | Promise<FetchedDocument> => answer([rsaJwk]),
  };
  const keySet = createRemoteKeySet({
    url: 'https://auth.example/.well-known/jwks.json',
    fetchDocument: async () => {
      server.attempts++;
      return server.answer();
    },
    clock,
    onEvent: (event) => events.push(event),
    ...options,
  });
  t.after(() => keySet.close());
  const pass = async (ms: number) => {
    clock.advanceMs(ms);
    t.mock.timers.tick(ms);
    await settle();
  };
  return { keySet, server, clock, events, pass };
}

/** Nobody there. */
export const down = () => Promise.reject(new Error('down'));

/** An answer that comes when it is told to. */
export function held() {
  let give: (document: FetchedDocument) => void = () => {};
  const promise = new Promise<FetchedDocument>((resolve) => {
    give = resolve;
  });
  return { answer: () => promise, give };
}
