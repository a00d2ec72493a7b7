/** Makes exchanges out of what node's HTTP/1 server tells. */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerBy } from './answer-by.ts';
import type { ConnectionRefusal } from './connection-limit.ts';
import { answerOn, Http1Exchange, type ReceiverState, type RequestForm } from './http1-exchange.ts';
import { createPipelineLimit } from './pipeline-limit.ts';
import type { Handler, WireFaultHandler } from './seam.ts';
import { answerWireFault } from './wire-fault.ts';

/** Whom the server asks. */
export interface Http1Parts {
  readonly handle: Handler;
  readonly wireFault: WireFaultHandler;
  readonly onConnectionRefused: (refusal: ConnectionRefusal) => void;
  readonly state: ReceiverState;
}

/** Requests of one connection whose answers are not out yet. */
const MAX_PIPELINED = 100;
const EXPECTS: RequestForm = Object.freeze({ expects: true });
const PLAIN: RequestForm = Object.freeze({});

/** Serves the requests of a server, plain or over TLS. */
export function serveHttp1(server: Server, parts: Http1Parts): void {
  const mayWork = createPipelineLimit(MAX_PIPELINED);
  const onRequest =
    (form: RequestForm) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      // What the parser had read already still arrives after the connection was closed.
      if (request.socket.destroyed) return;
      if (!mayWork(request, response)) {
        parts.onConnectionRefused('pipeline');
        request.socket.destroy();
        return;
      }
      answerBy(parts, new Http1Exchange(parts.state, [request, response], form));
    };
  const onDetached = (request: IncomingMessage, stream: Duplex, upgradeHead: Buffer): void => {
    const socket = stream as Socket;
    socket.on('error', () => socket.destroy());
    const response = responseOn(request, socket);
    if (response === undefined) socket.destroy();
    else answerBy(parts, exchangeOf(parts, [request, response], upgradeHead));
  };
  server.on('request', onRequest(PLAIN));
  // Without these two, node would answer expectations itself, before the head was judged.
  server.on('checkContinue', onRequest(EXPECTS));
  server.on('checkExpectation', onRequest(EXPECTS));
  server.on('clientError', (error, socket) => answerWireFault(error, socket, parts.wireFault));
  server.on('upgrade', onDetached);
  server.on('connect', onDetached);
}

function exchangeOf(
  { state }: Http1Parts,
  pair: readonly [IncomingMessage, ServerResponse],
  upgradeHead: Buffer,
): Http1Exchange {
  return new Http1Exchange(state, pair, { upgradeHead });
}

/** Undefined when an answer is under way there: another one could be taken for it. */
function responseOn(request: IncomingMessage, socket: Socket): ServerResponse | undefined {
  const response = new ServerResponse(request);
  try {
    answerOn(socket, response);
    return response;
  } catch {
    return undefined;
  }
}
