/** WebSocket as far as a gateway has to know it. Source: RFC 6455. */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { RequestHead } from '@gatehouse/wire';
import { edgeErrors } from '../../errors.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/**
 * Checks a client's opening handshake (section 4.1): what is no handshake reaches no upstream.
 *
 * @returns the key that the upstream's response must belong to.
 * @throws GatehouseError `gateway.websocket`.
 */
export function handshakeKey(verb: string, head: RequestHead): string {
  const key = onlyValue(head.passed, 'sec-websocket-key');
  const isHandshake =
    verb === 'GET' &&
    head.upgrade?.toLowerCase() === 'websocket' &&
    onlyValue(head.passed, 'sec-websocket-version') === '13' &&
    key !== undefined &&
    KEY.test(key) &&
    !head.hasBody &&
    head.lengthBytes === undefined;
  if (!isHandshake) throw edgeErrors.WEBSOCKET();
  return key;
}

/**
 * Whether an upstream meant this handshake (section 4.2.2): only then is anything passed on that came
 * behind the client's head.
 */
export function isAccepted(key: string, headers: readonly string[]): boolean {
  const expected = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  return onlyValue(headers, 'sec-websocket-accept') === expected;
}

/** The only value of a header; undefined when there is none, or more than one. */
function onlyValue(headers: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== name) continue;
    if (value !== undefined) return undefined;
    value = headers[index + 1];
  }
  return value;
}

/** A frame that closes, from a server (sections 5.5.1 and 7.4.1): not masked. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  const frame = Buffer.alloc(4 + text.length);
  frame[0] = 0x88;
  frame[1] = 2 + text.length;
  frame.writeUInt16BE(code, 2);
  text.copy(frame, 4);
  return frame;
}

/** Follows the frames of one direction, without looking into them. */
export class FrameBoundary {
  #head = Buffer.alloc(0);
  #payloadLeft = 0;

  /** Whether what was seen ends where a frame ends: another may be put behind it. */
  get atEnd(): boolean {
    return this.#payloadLeft === 0 && this.#head.length === 0;
  }

  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#payloadLeft > 0) {
        const skipped = Math.min(this.#payloadLeft, chunk.length - offset);
        this.#payloadLeft -= skipped;
        offset += skipped;
        continue;
      }
      // A head has 14 bytes at most.
      const wanted = headLength(this.#head) - this.#head.length;
      this.#head = Buffer.concat([this.#head, chunk.subarray(offset, offset + wanted)]);
      offset += wanted;
      if (this.#head.length === headLength(this.#head)) {
        this.#payloadLeft = payloadLength(this.#head);
        this.#head = Buffer.alloc(0);
      }
    }
  }
}

function headLength(head: Buffer): number {
  const second = head[1];
  if (second === undefined) return 2;
  const short = second & 0x7f;
  return 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + (second & 0x80 ? 4 : 0);
}

function payloadLength(head: Buffer): number {
  const short = (head[1] ?? 0) & 0x7f;
  if (short === 126) return head.readUInt16BE(2);
  return short === 127 ? Number(head.readBigUInt64BE(2)) : short;
}

/** A connection that both sides use as they like. */
export interface Tunnel {
  /** Says a last frame to the client where one can stand, and closes both sides. */
  end(code: number, reason: string): void;
}

const CLOSE_WITHIN_MS = 1000;

/** Joins two connections, each as fast as the other takes it; when one ends, so does the other. */
export function openTunnel(
  client: Duplex,
  upstream: Duplex,
  early: { readonly fromClient: Buffer; readonly fromUpstream: Buffer },
): Tunnel {
  const frames = new FrameBoundary();
  const destroy = (): void => {
    client.destroy();
    upstream.destroy();
  };
  const toClient = (chunk: Buffer): void => {
    frames.push(chunk);
    if (!client.write(chunk)) upstream.pause();
  };
  const onUpstreamClosed = (): void => {
    // What it said last may still be on its way to the client.
    if (!upstream.readableEnded) client.destroy();
  };
  client.on('error', destroy);
  client.once('close', destroy);
  upstream.on('error', destroy);
  upstream.once('close', onUpstreamClosed);
  upstream.on('data', toClient);
  upstream.once('end', () => client.end());
  client.on('drain', () => upstream.resume());
  if (early.fromClient.length > 0) upstream.write(early.fromClient);
  if (early.fromUpstream.length > 0) toClient(early.fromUpstream);
  client.pipe(upstream);
  // It was given away paused, so that nothing of it was missed.
  upstream.resume();
  return {
    end: (code, reason) => {
      upstream.off('data', toClient);
      upstream.off('close', onUpstreamClosed);
      upstream.destroy();
      if (!frames.atEnd || !client.writable) {
        destroy();
        return;
      }
      client.unpipe(upstream);
      client.resume();
      client.end(closeFrame(code, reason));
      setTimeout(destroy, CLOSE_WITHIN_MS).unref();
    },
  };
}
