/** Answers for bytes that node's parser refused: there is no request, only a socket. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GatehouseError } from '@gatehouse/errors';
import { edgeErrors } from '../errors.ts';
import type { Answer, WireFaultHandler } from './seam.ts';

/**
 * Answers a parser's or a timer's error with a problem, and closes the connection; see `endWith`.
 */
export function answerWireFault(
  fault: NodeJS.ErrnoException,
  socket: Duplex,
  wireFault: WireFaultHandler,
): void {
  if (fault.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const peerAddress = (socket as { remoteAddress?: string }).remoteAddress ?? '';
  endWith(socket, wireFault(classOf(fault), peerAddress));
}

/**
 * Writes an answer to a bare socket and closes it. Closes it without a word when the client is gone,
 * or when the answer would be read as that of a request before it.
 */
function endWith(socket: Duplex, answer: Answer): void {
  if (!socket.writable || answersAlready(socket)) {
    socket.destroy();
    return;
  }
  const body = Buffer.from(answer.body ?? new Uint8Array());
  const headers = {
    ...answer.headers,
    'content-length': String(body.length),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[answer.status] ?? '';
  socket.on('error', () => socket.destroy());
  socket.end(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${answer.status} ${reason}\r\n${lines.join('')}\r\n`, 'latin1'),
      body,
    ]),
    () => socket.destroy(),
  );
}

/**
 * Whether an answer of ours could be taken for another request's: one has begun, or a request that
 * came whole is still being worked on, so that the fault is in what was pipelined after it.
 */
function answersAlready(socket: Duplex): boolean {
  // Node keeps the response under way at this undocumented place, and its own default handler reads
  // it there; there is no public way to ask.
  const { _httpMessage: current } = socket as {
    _httpMessage?: { headersSent: boolean; req: { complete: boolean } } | null;
  };
  return current?.headersSent === true || current?.req.complete === true;
}

function classOf(fault: NodeJS.ErrnoException): GatehouseError {
  switch (fault.code) {
    case 'HPE_HEADER_OVERFLOW':
      return edgeErrors.HEADERS_TOO_LARGE();
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return edgeErrors.BODY_TOO_LARGE();
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return edgeErrors.TIMEOUT();
    default:
      return edgeErrors.FRAMING({ cause: fault });
  }
}
