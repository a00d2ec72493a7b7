/**
 * An extension server that behaves as the original did: one public key, checked before the body is looked at;
 * 401 with an empty body for any trouble with the token; 64-bit integers as JSON numbers.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SingleKeyClaims, Verifier } from '@gatehouse/tokens';

/** An original extension server that runs. */
export interface OriginalExtension {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Requests so far. */
  readonly asked: number;
  /** Whether it closes connections instead of answering. */
  isAway: boolean;
  close(): Promise<void>;
}

const PATH = /^\/msa\/ext\/api\/update-asset\/(\d{1,19})$/;

/** Starts one on a free port. */
export async function startOriginalExtension(
  verifier: Verifier<SingleKeyClaims>,
): Promise<OriginalExtension> {
  const state = { asked: 0, isAway: false };
  const server = createServer((request, response) => {
    state.asked += 1;
    if (state.isAway) request.socket.destroy();
    else void answer(request, response, verifier);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return Object.assign(state, { url, close });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  verifier: Verifier<SingleKeyClaims>,
): Promise<void> {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const isGood = await verifier.verify(token).then(
    () => true,
    () => false,
  );
  if (!isGood) {
    response.writeHead(401, { 'content-length': 0 }).end();
    return;
  }
  const [, userId] = PATH.exec(request.url ?? '') ?? [];
  const body = await textOf(request);
  const asset = /"asset":(\d+)/.exec(body)?.[1] ?? '0';
  const date = /"snapshotDay":"([\d-]+)"/.exec(body)?.[1] ?? '2026-01-01';
  const data = `{"userId":${userId},"originalAsset":${asset},"multiplier":1.0,"updatedAsset":${asset},"date":"${date}"}`;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`{"resultCode":"S","message":"Update asset success","data":${data}}`);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
