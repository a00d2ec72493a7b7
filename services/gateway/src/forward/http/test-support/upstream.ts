/** Upstreams that send byte for byte what a test wants, and requests to them. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import type { GatehouseError } from '@gatehouse/errors';
import { createTestClock } from '@gatehouse/testing';
import type { UpstreamSettings } from '../../../route/http-route.ts';
import { createSweeper } from '../sweeper.ts';
import type { Exchange, UpstreamClient, UpstreamRequest } from '../upstream-client.ts';
import { createUpstreams } from '../upstreams.ts';

/** A server of bare sockets at a free port. */
export interface RawServer {
  readonly port: number;
  /** Of all connections so far, in order. */
  readonly sockets: Socket[];
  close(): Promise<void>;
}

/** Listens; `onConnection` has each socket to itself. Ends with the test. */
export async function rawServer(
  t: TestContext,
  onConnection: (socket: Socket, index: number) => void,
): Promise<RawServer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
    onConnection(socket, sockets.length - 1);
  });
  const port = await listen(server);
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  t.after(close);
  return { port, sockets, close };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Calls back with each whole head, and what came behind it so far. For requests without a body. */
export function onHeads(socket: Socket, onHead: (head: string) => void): void {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end + 4);
      text = text.slice(end + 4);
      onHead(head);
    }
  });
}

export const TIMEOUTS = { connectMs: 5000, firstByteMs: 5000, idleMs: 5000, totalMs: undefined };

/** Settings with few surprises; of one plain address unless told otherwise. */
export function settings(
  ports: readonly number[],
  over: Partial<UpstreamSettings> = {},
): ReadonlyMap<string, UpstreamSettings> {
  const one: UpstreamSettings = {
    name: 'it',
    addresses: ports.map((port) => ({ host: '127.0.0.1', port })),
    tls: undefined,
    health: { passive: { consecutiveFailures: 5, ejectMs: 1000, maxEjectMs: 8000 } },
    slowStartMs: 0,
    maxConnectionsPerAddress: 16,
    keepAliveMs: 60_000,
    retryBudget: { ratio: 0.2, minPerSecond: 10 },
    forwarding: 'forwarded',
    ...over,
  };
  return new Map([[one.name, one]]);
}

/** Upstreams under a clock that the test sets. */
export function upstreamsAt(t: TestContext, wanted: ReadonlyMap<string, UpstreamSettings>) {
  const clock = createTestClock(1_000_000);
  const sweeper = createSweeper(clock);
  const upstreams = createUpstreams({ sweeper });
  upstreams.update(wanted);
  t.after(() => upstreams.close(0));
  return {
    upstreams,
    client: upstreams.client('it'),
    addresses: () => upstreams.states()[0]?.addresses ?? [],
    /** Lets time pass, and acts on what is due. */
    pass: (ms: number): void => {
      clock.advance(ms);
      sweeper.tick();
    },
  };
}

/** A GET unless told otherwise. */
export function request(over: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    method: 'GET',
    target: '/',
    headers: ['Host', 'it.test'],
    body: undefined,
    expectContinue: false,
    upgrade: undefined,
    timeouts: TIMEOUTS,
    retries: 0,
    ...over,
  };
}

/** What a handler was told, all of it. */
export interface Outcome {
  readonly informational: number[];
  status: number | undefined;
  headers: readonly string[];
  bodyLength: number | undefined;
  readonly chunks: Buffer[];
  readonly body: string;
  trailers: readonly string[] | undefined;
  error: GatehouseError | undefined;
  phase: string | undefined;
  upgraded: { socket: Duplex; rest: Buffer } | undefined;
}

/** A request that was dispatched. */
export interface Sent {
  readonly exchange: Exchange;
  readonly outcome: Outcome;
  /** Settled with the last thing that the handler is told. */
  readonly done: Promise<Outcome>;
  /** Settled with the head. */
  readonly head: Promise<Outcome>;
}

/** Dispatches, and notes what the handler is told. */
export function send(
  client: UpstreamClient,
  what: UpstreamRequest = request(),
  takesMore: () => boolean = () => true,
): Sent {
  const outcome = newOutcome();
  const done = Promise.withResolvers<Outcome>();
  const head = Promise.withResolvers<Outcome>();
  const end = (): void => {
    head.resolve(outcome);
    done.resolve(outcome);
  };
  const exchange = client.dispatch(what, {
    onInformational: (status) => outcome.informational.push(status),
    onHead: (status, headers, bodyLength) => {
      Object.assign(outcome, { status, headers, bodyLength });
      head.resolve(outcome);
    },
    onData: (chunk) => {
      outcome.chunks.push(Buffer.from(chunk));
      return takesMore();
    },
    onEnd: (trailers) => {
      outcome.trailers = trailers;
      end();
    },
    onUpgrade: (status, headers, socket, rest) => {
      Object.assign(outcome, { status, headers, upgraded: { socket, rest } });
      end();
    },
    onError: (error, phase) => {
      Object.assign(outcome, { error, phase });
      end();
    },
  });
  return { exchange, outcome, done: done.promise, head: head.promise };
}

function newOutcome(): Outcome {
  const chunks: Buffer[] = [];
  return {
    informational: [],
    status: undefined,
    headers: [],
    bodyLength: undefined,
    chunks,
    get body() {
      return Buffer.concat(chunks).toString('latin1');
    },
    trailers: undefined,
    error: undefined,
    phase: undefined,
    upgraded: undefined,
  };
}

/** Settled when so many turns of the loop are over, so that what was sent can have come. */
export async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until something is so, however long the machine takes; the runner's time-out ends it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turns(1);
}
