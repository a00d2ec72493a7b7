/** An HTTP/2 client that sends what it is told, valid or not: its frames are written by hand. */
import { connect, type TLSSocket } from 'node:tls';
import type { FrameRequest } from '../catalogue/attack.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  goAway: 7,
  continuation: 9,
} as const;
export const FLAG = { endStream: 1, endHeaders: 4, acknowledge: 1 } as const;
const PATIENCE_MS = 5000;

/** A frame of HTTP/2 (RFC 9113, 4.1). */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Fields as literals without indexing and without Huffman codes (RFC 7541, 6.2.2). */
export function block(fields: FrameRequest['fields']): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]),
  );
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

/** A connection that has sent preface and settings. */
export async function frameClient(port: number): Promise<TLSSocket> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    ALPNProtocols: ['h2'],
    // The test's own certificate is not what is tested.
    rejectUnauthorized: false,
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  if (socket.alpnProtocol !== 'h2') throw new Error(`no HTTP/2 there but ${socket.alpnProtocol}`);
  socket.write(Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings, 0, 0, Buffer.alloc(0))]));
  return socket;
}

/** Sends one request, and waits until its stream or the connection ends. Gives nothing back. */
export async function sendFrames(port: number, request: FrameRequest): Promise<string> {
  const socket = await frameClient(port);
  const { fields, body } = request;
  const flags = FLAG.endHeaders | (body === undefined ? FLAG.endStream : 0);
  socket.write(frame(FRAME.headers, flags, 1, block(fields)));
  if (body !== undefined) {
    socket.write(frame(FRAME.data, FLAG.endStream, 1, Buffer.from(body, 'latin1')));
  }
  await streamEnded(socket);
  socket.destroy();
  return '';
}

function streamEnded(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    let waiting = Buffer.alloc(0);
    const patience = setTimeout(resolve, PATIENCE_MS);
    const done = (): void => {
      clearTimeout(patience);
      resolve();
    };
    socket.once('close', done);
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 9 && waiting.length >= 9 + waiting.readUIntBE(0, 3)) {
        const [type, flags, stream] = [waiting[3], waiting[4] ?? 0, waiting.readUInt32BE(5)];
        waiting = waiting.subarray(9 + waiting.readUIntBE(0, 3));
        const isLast = type === FRAME.data || type === FRAME.headers ? flags & FLAG.endStream : 0;
        if (type === FRAME.goAway || (stream === 1 && (type === FRAME.reset || isLast > 0))) done();
      }
    });
  });
}
