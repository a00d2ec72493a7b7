/** Receives spans over OTLP/HTTP in its JSON encoding and writes each export request as a line. */
import { appendFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback. */
export async function startOtlpReceiver(file: string): Promise<OtlpReceiver> {
  await appendFile(file, '', { mode: 0o600 });
  const server = createServer((request, response) => {
    receive(request, response, file).catch((cause: unknown) => {
      console.error('spans were not received', cause);
      response.writeHead(400).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
): Promise<void> {
  const raw = await buffer(request);
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
  if (request.url === '/v1/traces') {
    // Parsed and printed again, so that it is one line whatever the sender's layout.
    await appendFile(file, `${JSON.stringify(JSON.parse(body.toString()))}\n`);
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}
