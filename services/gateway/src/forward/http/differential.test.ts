/** Random good answers, cut at random places: what we read of them is what node's own client reads. */
import assert from 'node:assert/strict';
import { Agent, type IncomingMessage, request as nodeRequest } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { type Random, randomFrom } from '@gatehouse/wire/test-support';
import {
  onHeads,
  rawServer,
  request,
  send,
  settings,
  upstreamsAt,
} from './test-support/upstream.ts';

interface Seen {
  readonly status: number | undefined;
  readonly headers: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

const ROUNDS = 150;
const HOP_BY_HOP = /^(?:connection|keep-alive|content-length|transfer-encoding)$/i;

function textOf(random: Random, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(33 + random(94))).join('');
}

function fieldsOf(random: Random, count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const blanks = ' '.repeat(random(3));
    const value = random(5) === 0 ? '' : `${textOf(random, 1 + random(40))} ${textOf(random, 3)}`;
    return `X-${textOf(random, 1).replace(/[^\w]/, 'q')}-${index}:${blanks}${value}${blanks}\r\n`;
  });
  return lines.join('');
}

function chunked(random: Random, body: string): string {
  let coded = '';
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, 1 + random(3000));
    const extension = random(4) === 0 ? `;a=${random(1000)}` : '';
    coded += `${size.toString(16)}${extension}\r\n${body.slice(at, at + size)}\r\n`;
    at += size;
  }
  return `${coded}0\r\n${random(2) === 0 ? fieldsOf(random, random(4)) : ''}\r\n`;
}

function responseOf(random: Random): string {
  const interim = random(6) === 0 ? 'HTTP/1.1 102 Processing\r\nX-I: 1\r\n\r\n' : '';
  const body = textOf(random, [0, 1, 200, 5000, 40_000][random(5)] ?? 0);
  const head = `HTTP/1.1 ${200 + random(4)} Fine\r\n${fieldsOf(random, random(20))}`;
  if (random(2) === 0) return `${interim}${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  return `${interim}${head}Transfer-Encoding: chunked\r\n\r\n${chunked(random, body)}`;
}

/** Writes in pieces, each in a turn of its own. */
function writeInPieces(socket: Socket, bytes: Buffer, random: Random): void {
  const piece = bytes.subarray(0, 1 + random(random(2) === 0 ? 300 : 20_000));
  socket.write(piece);
  const rest = bytes.subarray(piece.length);
  if (rest.length > 0) setImmediate(() => writeInPieces(socket, rest, random));
}

function byNode(port: number, path: string, agent: Agent): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const onResponse = (answer: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode,
          headers: answer.rawHeaders,
          body: Buffer.concat(chunks).toString('latin1'),
          trailers: answer.rawTrailers,
        }),
      );
      answer.on('error', reject);
    };
    nodeRequest({ host: '127.0.0.1', port, path, agent }, onResponse).on('error', reject).end();
  });
}

function endToEnd(headers: readonly string[]): readonly string[] {
  return headers.filter((_, index) => !HOP_BY_HOP.test(headers[index - (index % 2)] ?? ''));
}

test('answers are read as node reads them', async (t) => {
  const server = await rawServer(t, (socket) => {
    onHeads(socket, (head) => {
      const round = Number(head.split(' ')[1]?.slice(1));
      const bytes = Buffer.from(responseOf(randomFrom(round)), 'latin1');
      writeInPieces(socket, bytes, randomFrom(round + ROUNDS));
    });
  });
  const { client } = upstreamsAt(t, settings([server.port]));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (let round = 0; round < ROUNDS; round += 1) {
    const target = `/${round}`;
    const theirs = await byNode(server.port, target, agent);
    const ours = await send(client, request({ target })).done;
    assert.equal(ours.error, undefined, `round ${round}`);
    const { status, headers, body, trailers } = ours;
    const seen = { status, headers, body, trailers };
    assert.deepEqual(seen, { ...theirs, headers: endToEnd(theirs.headers) }, `round ${round}`);
  }
  assert.equal(server.sockets.length, 2, 'each client kept its one connection');
});
