/**
 * What Node itself costs: bytes from a client's connection to one of its own to the service, and back.
 * Nothing is read, checked or rewritten, so no gateway in one Node process can cost less.
 * `node bare-relay.ts PORT UPSTREAM_PORT`
 */
import { connect, createServer } from 'node:net';

const [port = '', upstreamPort = ''] = process.argv.slice(2);
const READ_BYTES = 128 * 1024;
const read = Buffer.allocUnsafeSlow(READ_BYTES);
let written = Buffer.allocUnsafeSlow(READ_BYTES);

createServer({ noDelay: true }, (client) => {
  const upstream = connect({
    port: Number(upstreamPort),
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: read,
      callback: (length) => {
        read.copy(written, 0, 0, length);
        client.write(written.subarray(0, length));
        // The system still reads from it.
        if (client.writableLength > 0) written = Buffer.allocUnsafeSlow(READ_BYTES);
        return true;
      },
    },
  });
  client.on('data', (bytes) => upstream.write(bytes));
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
  client.on('error', () => client.destroy());
  upstream.on('error', () => upstream.destroy());
}).listen(Number(port), '127.0.0.1');
