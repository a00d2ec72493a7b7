/** One attack against one proxy, and what became of it and of the next, innocent request. */
import { setTimeout as delay } from 'node:timers/promises';
import { type RawClient, rawClient } from './raw-client.ts';
import type { Recorded, RecordingUpstream } from './recording-upstream.ts';
import { readStrictly, type StrictRequest } from './strict-request.ts';

/** What became of it. */
export interface Attempted {
  /** The status of the first answer; 0: there was none. */
  readonly status: number;
  /** All that came back. */
  readonly answer: string;
  /** What arrived because of the attacker, as far as it can be read. */
  readonly arrived: readonly StrictRequest[];
  /** All bytes that arrived, those of the next request too. */
  readonly received: readonly Recorded[];
  /** What the next, innocent request was answered. */
  readonly nextAnswer: string;
}

/** A proxy with a recording upstream behind it. */
export interface Target {
  readonly port: number;
  readonly upstream: RecordingUpstream;
  /** How long an attacker is given an answer; then it counts as none. */
  readonly patienceMs: number;
}

const QUIET_MS = 40;
const BREAK_MS = 1000;
const NEXT = '/public/next';
/** What the next request is answered when nothing disturbed it. */
export const NEXT_ANSWER = `GET ${NEXT} 0`;

/** @param attack - does its worst on its own connections, and gives what it was answered. */
export async function attempt(target: Target, attack: () => Promise<string>): Promise<Attempted> {
  const { port, upstream } = target;
  upstream.forget();
  const answer = await attack();
  const nextAnswer = await nextRequest(port, target.patienceMs);
  await brokenOff(upstream);
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0),
    answer,
    arrived: upstream.requests().filter((request) => request.target !== NEXT),
    received: upstream.received(),
    nextAnswer,
  };
}

/** A request of which only a half will ever come is ended soon; not at once. */
async function brokenOff(upstream: RecordingUpstream): Promise<void> {
  const isWaiting = ({ bytes, isClosed }: Recorded): boolean =>
    !isClosed && readStrictly(bytes).rest.length > 0;
  const endMs = performance.now() + BREAK_MS;
  while (upstream.received().some(isWaiting) && performance.now() < endMs) await delay(10);
}

/** Sends bytes, and waits until all is quiet after an answer. */
export async function sendWire(target: Target, bytes: string): Promise<string> {
  const client = await rawClient(target.port);
  client.send(bytes);
  await quiet(client, target.patienceMs);
  client.close();
  return client.received().toString('latin1');
}

async function nextRequest(port: number, patienceMs: number): Promise<string> {
  const client = await rawClient(port);
  client.send(`GET ${NEXT} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n`);
  await quiet(client, patienceMs);
  client.close();
  const text = client.received().toString('latin1');
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

/** Resolves when the connection is closed, or nothing came for a while after something did, or in time. */
function quiet(client: RawClient, patienceMs: number): Promise<void> {
  const { socket } = client;
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(patience);
      clearTimeout(lull);
      socket.off('data', onData);
      resolve();
    };
    let lull: NodeJS.Timeout | undefined;
    const onData = (): void => {
      clearTimeout(lull);
      lull = setTimeout(done, QUIET_MS);
    };
    const patience = setTimeout(done, patienceMs);
    socket.on('data', onData);
    socket.once('close', done);
    if (socket.destroyed) done();
  });
}
