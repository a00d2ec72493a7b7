/**
 * Those who try tokens: forged ones, evenly in time, from many loopback addresses, each with twenty
 * connections, which are opened again when they are closed, and which wait for no answer. `node forge.ts PORT
 * TOKENS_FILE PER_SECOND ADDRESSES`; told to end, it says in one line of JSON what was sent and answered.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

const [port = 0, tokensFile = '', perSecond = 0, addresses = 0] = process.argv
  .slice(2)
  .map((word, index) => (index === 1 ? word : Number(word))) as [number, string, number, number];
const TICK_MS = 5;
const CONNECTIONS_EACH = 20;
/** What is kept of a connection that takes no more: then less is sent, and `sent` says so. */
const UNSENT_BYTES = 64 * 1024;
const heads = readFileSync(tokensFile, 'utf8')
  .trim()
  .split('\n')
  .map((token) =>
    Buffer.from(`GET /1k HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`),
  );
const answers: Record<string, number> = {};
const sockets: (Socket | undefined)[] = [];
const begunMs = performance.now();
let tried = 0;
let sent = 0;

const timer = setInterval(() => {
  const due = ((performance.now() - begunMs) / 1000) * perSecond;
  for (; tried < due; tried += 1) {
    const socket = socketOf(tried % (addresses * CONNECTIONS_EACH));
    if (socket.writableLength >= UNSENT_BYTES) continue;
    socket.write(heads[tried % heads.length] as Buffer);
    sent += 1;
  }
}, TICK_MS);

process.on('SIGTERM', () => {
  clearInterval(timer);
  for (const socket of sockets) socket?.destroy();
  const seconds = (performance.now() - begunMs) / 1000;
  console.log(JSON.stringify({ sent, seconds, answers }));
});

function socketOf(index: number): Socket {
  const known = sockets[index];
  if (known?.writable) return known;
  const localAddress = `127.0.1.${(index % addresses) + 1}`;
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      answers[status] = (answers[status] ?? 0) + 1;
    }
  });
  socket.on('error', () => socket.destroy());
  sockets[index] = socket;
  return socket;
}
