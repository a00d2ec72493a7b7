/**
 * Mutated requests, on plain TCP and over TLS: what our receiver takes, Node's strict parser takes too, and
 * reads alike. What ours refuses is not compared: it may be stricter.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { METHODS } from 'node:http';
import { test } from 'node:test';
import { readHead, readTarget } from '@gatehouse/wire';
import { randomFrom } from '@gatehouse/wire/test-support';
import { createReceiver } from '../../services/gateway/src/receive/receiver.ts';
import type { Handler } from '../../services/gateway/src/receive/seam.ts';
import {
  connectTo,
  type MakeReceiver,
  secureReceiver,
} from '../../services/gateway/src/test-support/transports.ts';
import { MUTATED_REQUESTS } from './support/config.ts';
import { mutatedRequest } from './support/mutated-requests.ts';
import { createNodeOracle, type ReadRequest } from './support/node-oracle.ts';

const WORKERS = 4;
const REFUSED = { status: 400, headers: {} };
const TAKEN = { status: 204, headers: {} };
/** Of a chunk, a blank before an extension or a word without meaning in it: nobody reads them. */
const EXTENSION = /[0-9a-f][ \t]*;/i;

/** Undefined: its head or its target was refused. */
type Taken = ReadRequest | undefined;

/** One listener, and what it has taken whole since it was asked last. */
async function listener(make: MakeReceiver) {
  let taken: Taken[] = [];
  const handle: Handler = async (incoming) => {
    try {
      readHead(incoming);
      readTarget(incoming.target);
    } catch {
      taken.push(undefined);
      return REFUSED;
    }
    const body = incoming.hasBody ? await incoming.readBody(10_000) : new Uint8Array();
    taken.push({
      method: incoming.method,
      target: incoming.target,
      version: incoming.httpVersion,
      headers: incoming.rawHeaders,
      body: Buffer.from(body).toString('latin1'),
      trailers: incoming.trailers(),
    });
    return TAKEN;
  };
  const safe: Handler = async (incoming, outgoing) => {
    const answer = handle(incoming, outgoing);
    return typeof answer === 'symbol' ? REFUSED : answer.catch(() => REFUSED);
  };
  const receiver = make({
    host: '127.0.0.1',
    port: 0,
    handle: safe,
    wireFault: () => REFUSED,
    settleMs: 0,
  });
  const port = await receiver.start();
  return {
    stop: () => receiver.stop(0),
    read: async (bytes: Buffer): Promise<readonly Taken[]> => {
      taken = [];
      const socket = connectTo(port, () => socket.end(bytes));
      socket.on('error', () => undefined);
      socket.resume();
      await once(socket, 'close');
      return taken;
    },
  };
}

for (const [name, make] of [
  ['plain', createReceiver],
  ['TLS', secureReceiver],
] as const) {
  test(`${MUTATED_REQUESTS} mutated requests are read as Node reads them, or refused (${name})`, {
    timeout: 3_600_000,
  }, async (t) => {
    const first = Math.floor(Math.random() * 2 ** 30);
    t.diagnostic(`seeds ${first} to ${first + MUTATED_REQUESTS - 1}`);
    const oracle = createNodeOracle();
    const faults: string[] = [];
    let next = 0;
    let takenInAll = 0;
    const worker = async (): Promise<void> => {
      const { read, stop } = await listener(make);
      while (next < MUTATED_REQUESTS && faults.length < 10) {
        const seed = first + next;
        next += 1;
        const text = mutatedRequest(randomFrom(seed));
        const bytes = Buffer.from(text, 'latin1');
        const ours = await read(bytes);
        if (ours.every((request) => request === undefined)) continue;
        takenInAll += 1;
        const theirs = await oracle(bytes);
        const fault = difference(ours, theirs, text);
        if (fault !== undefined) faults.push(`seed ${seed}: ${fault}: ${JSON.stringify(text)}`);
      }
      await stop();
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
    t.diagnostic(`${takenInAll} were taken`);
    assert.deepEqual(faults, []);
    assert.ok(takenInAll > MUTATED_REQUESTS / 20, `${takenInAll} were taken`);
  });
}

function difference(
  ours: readonly Taken[],
  theirs: readonly ReadRequest[],
  text: string,
): string | undefined {
  for (const [index, request] of ours.entries()) {
    const same = theirs[index];
    if (request === undefined && same === undefined) return undefined;
    if (request === undefined) continue;
    // Made-up methods are refused one step later, and nothing behind one is looked at.
    if (!METHODS.includes(request.method)) return undefined;
    if (same === undefined) {
      if (request.body !== '' && EXTENSION.test(text)) return undefined;
      return `Node does not take ${JSON.stringify(request)}`;
    }
    if (JSON.stringify(same) !== JSON.stringify(request)) {
      return `Node reads ${JSON.stringify(same)}, not ${JSON.stringify(request)}`;
    }
  }
  return undefined;
}
