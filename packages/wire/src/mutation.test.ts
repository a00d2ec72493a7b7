/** Good responses with a few bytes changed: what we still take, node's strict parser takes too, and alike. */
import assert from 'node:assert/strict';
import { request as nodeRequest } from 'node:http';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { MalformedError } from './errors.ts';
import type { Asked } from './response/response-head.ts';
import { ResponseParser } from './response/response-parser.ts';
import { type Random, randomFrom } from './test-support/random.ts';
import { VALID } from './test-support/responses.ts';

interface Read {
  readonly status: number;
  readonly body: string;
}

const MUTATIONS = 2000;
const SPLINTERS = [
  ...['\r', '\n', '\r\n', ' ', '\t', ':', ';', ',', '0', '1', 'f', '-', '+', '\0', '\x0b', '\x7f'],
  ...['\x80', 'chunked', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n'],
];
// Where we differ on purpose: nobody reads extensions, and such a trailer is left out.
const TAKEN_ON_PURPOSE = /chunk extensions|Content-Length can't be present/;

function mutate(text: string, random: Random): string {
  const at = random(text.length + 1);
  const splinter = SPLINTERS[random(SPLINTERS.length)] ?? '';
  const cut = [0, 1 + random(3), 1][random(3)] ?? 0;
  const kept = random(3) === 0 ? '' : splinter;
  return text.slice(0, at) + kept + text.slice(at + cut);
}

/** @returns undefined when it is refused, or is not all of what was sent. */
function byUs(bytes: Buffer, asked: Partial<Asked>): Read | undefined {
  let status = 0;
  let body = '';
  const parser = new ResponseParser({
    onInformational: () => undefined,
    onHead: (head) => {
      status = head.status;
    },
    onPiece: (start, end) => {
      body += bytes.toString('latin1', start, end);
    },
    onWhole: () => undefined,
  });
  parser.start({ method: 'GET', upgrade: undefined, ...asked });
  try {
    const end = parser.execute(bytes, bytes.length);
    parser.finish();
    return end === bytes.length ? { status, body } : undefined;
  } catch (fault) {
    assert.ok(fault instanceof MalformedError);
    return undefined;
  }
}

/** What node's client makes of it, or why it refuses. */
function byNode(
  bytes: Buffer,
  { method = 'GET', upgrade }: Partial<Asked>,
): Promise<Read | string> {
  return new Promise((resolve) => {
    const wire = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const headers = upgrade === undefined ? {} : { connection: 'upgrade', upgrade };
    const sent = nodeRequest({ createConnection: () => wire, method, headers }, (response) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', (error) => resolve(error.message));
    });
    sent.on('upgrade', ({ statusCode = 0 }) => resolve({ status: statusCode, body: '' }));
    sent.on('error', (error) => resolve(error.message));
    sent.end();
    setImmediate(() => {
      wire.push(bytes);
      wire.push(null);
    });
  });
}

test('a changed response is refused, or read as node reads it', async () => {
  const random = randomFrom(7);
  let taken = 0;
  for (let round = 0; round < MUTATIONS; round += 1) {
    const { bytes: good, asked = {} } = VALID[random(VALID.length)] ?? assert.fail();
    const text = mutate(random(2) === 0 ? good : mutate(good, random), random);
    const bytes = Buffer.from(text, 'latin1');
    const ours = byUs(bytes, asked);
    if (ours === undefined) continue;
    taken += 1;
    const theirs = await byNode(bytes, asked);
    if (typeof theirs === 'string' && TAKEN_ON_PURPOSE.test(theirs)) continue;
    assert.deepEqual(theirs, ours, text);
  }
  assert.ok(taken > MUTATIONS / 20, `${taken} were taken`);
});
