/** A feed whose time and connections the test moves. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AccessChange,
  AccessChangeSchema,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { type AccessFeedEvent, type AccessFeedOptions, createAccessFeed } from '../feed/feed.ts';

export const START_MS = 1_800_000_000_000;
export type FeedEvent = NonNullable<MessageInitShape<typeof AccessChangeSchema>['event']>;

/** Time that moves when the test says so. */
function createTime() {
  let nowMs = START_MS;
  const waiting = new Set<{ readonly dueMs: number; readonly resolve: () => void }>();
  const pauses: number[] = [];
  return {
    pauses,
    clock: { nowMs: () => nowMs },
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        pauses.push(ms);
        const entry = { dueMs: nowMs + ms, resolve };
        waiting.add(entry);
        signal.addEventListener('abort', () => {
          waiting.delete(entry);
          reject(new Error('ended'));
        });
      }),
    /** Lets what is due happen, and all that follows from it. */
    pass: async (ms: number) => {
      nowMs += ms;
      for (const entry of waiting) {
        if (entry.dueMs > nowMs) continue;
        waiting.delete(entry);
        entry.resolve();
      }
      await settle();
    },
  };
}

async function settle(): Promise<void> {
  for (let index = 0; index < 5; index += 1) await turn();
}

/** One connection, which says what the test says. */
export function createConnection(signal: AbortSignal) {
  const queue: (AccessChange | Error | undefined)[] = [];
  let wake = () => {};
  async function* messages(): AsyncGenerator<AccessChange> {
    for (;;) {
      while (queue.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const next = queue.shift();
      if (next instanceof Error) throw next;
      if (next === undefined) return;
      yield next;
    }
  }
  const put = async (item: AccessChange | Error | undefined) => {
    queue.push(item);
    wake();
    await settle();
  };
  return {
    signal,
    messages: messages(),
    say: (position: number, event: FeedEvent) =>
      put(create(AccessChangeSchema, { position: BigInt(position), event })),
    fail: () => put(new Error('connection lost')),
    end: () => put(undefined),
  };
}

export async function listen(t: TestContext, options: Partial<AccessFeedOptions> = {}) {
  const time = createTime();
  const connections: ReturnType<typeof createConnection>[] = [];
  const events: AccessFeedEvent[] = [];
  const feed = createAccessFeed({
    open: (signal) => {
      const connection = createConnection(signal);
      connections.push(connection);
      return connection.messages;
    },
    clock: time.clock,
    wait: time.wait,
    onEvent: (event) => events.push(event),
    ...options,
  });
  t.after(() => feed.close());
  feed.start();
  await settle();
  const latest = () => {
    const connection = connections.at(-1);
    assert.ok(connection);
    return connection;
  };
  return { time, connections, events, feed, latest };
}

export const at = (ms: number) => ({ seconds: BigInt(Math.floor(ms / 1000)), nanos: 0 });
export const LATER = at(START_MS + 900_000);
export const session = (sessionId: string): FeedEvent => ({
  case: 'sessionRevoked',
  value: { sessionId, expiresAt: LATER },
});
export const snapshot = (...sessionIds: string[]): FeedEvent => ({
  case: 'snapshot',
  value: { sessions: sessionIds.map((sessionId) => ({ sessionId, expiresAt: LATER })) },
});
export const HEARTBEAT: FeedEvent = { case: 'heartbeat', value: {} };
export const claims = (sid: string) => ({ sub: 'usr_1', sid });
