import { Readable } from 'node:stream';
import { StreamBody } from '@gatehouse/wire';
import type { Incoming } from '../receive/seam.ts';

/** A plain request of HTTP/1.1 without a body, but for what is said. */
export function testIncoming(overrides: Partial<Incoming> = {}): Incoming {
  return {
    method: 'GET',
    target: '/',
    httpVersion: '1.1',
    rawHeaders: ['Host', 'edge'],
    peerAddress: '192.0.2.1',
    secure: false,
    localPort: 8080,
    upgrading: false,
    signal: new AbortController().signal,
    hasBody: false,
    body: new StreamBody(Readable.from([])),
    trailers: () => [],
    readBody: () => Promise.resolve(new Uint8Array()),
    ...overrides,
  };
}
