/** HTTP/2 towards clients: sessions, their limits, and an exchange for each stream. */
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { respondBy } from '../respond.ts';
import type { Handler, WireFaultHandler } from '../seam.ts';
import { Http2Exchange } from './exchange.ts';

/** The sessions of one listener. */
export interface Http2Sessions {
  /** Takes a connection on which `h2` was agreed. */
  accept(socket: TLSSocket): void;
  /** Says GOAWAY; what is in flight goes on. */
  drain(): void;
  destroy(): void;
}

const OPTIONS: ServerOptions = {
  settings: {
    maxConcurrentStreams: 100,
    maxHeaderListSize: 16 * 1024,
    enablePush: false,
    enableConnectProtocol: false,
    // What one stream may have on its way to us while its upstream does not read.
    initialWindowSize: 256 * 1024,
  },
  // With the pseudo-header fields; the canonical request counts again.
  maxHeaderListPairs: 110,
  // A head that nghttp2 refuses, or a frame against the rules, is one of these.
  maxSessionInvalidFrames: 20,
  maxSessionRejectedStreams: 20,
  maxOutstandingPings: 10,
  maxSettings: 16,
  // Streams that are opened to be reset (CVE-2023-44487): so many at once, so many a second.
  streamResetBurst: 200,
  streamResetRate: 20,
  maxSessionMemory: 8,
  strictFieldWhitespaceValidation: true,
};
/** In which a new connection must bring its first whole head. */
const FIRST_HEAD_MS = 10_000;
const IDLE_MS = 30_000;

/**
 * Makes the sessions.
 *
 * A connection has 100 streams at a time, 10 s for its first head and 30 s without a stream, whatever
 * frames it sends meanwhile; it is ended after 200 streams that were reset and 20 a second more. That
 * CONTINUATION frames, SETTINGS, PINGs and the header table are bounded is nghttp2's work.
 *
 * Source: RFC 9113; server push and extended CONNECT (RFC 8441) are off.
 */
export function createHttp2Sessions(parts: {
  readonly handle: Handler;
  readonly wireFault: WireFaultHandler;
}): Http2Sessions {
  const sessions = new Set<ServerHttp2Session>();
  return {
    accept: (socket) => {
      const session = performServerHandshake(socket, OPTIONS);
      sessions.add(session);
      session.once('close', () => sessions.delete(session));
      session.on('error', () => session.destroy());
      const counted = endWhenIdle(session);
      session.on('stream', (stream, headers, _flags, rawHeaders) => {
        stream.on('error', () => undefined);
        counted(stream);
        serve(parts, { session, stream, headers, rawHeaders });
      });
    },
    drain: () => {
      for (const session of sessions) session.close();
    },
    destroy: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

interface Opened {
  readonly session: ServerHttp2Session;
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

function serve(parts: Parameters<typeof createHttp2Sessions>[0], opened: Opened): void {
  const { session, stream, headers, rawHeaders } = opened;
  if (stream.destroyed || session.destroyed) return;
  // A CONNECT has neither scheme nor path (RFC 9113, section 8.5), and is refused as on HTTP/1.
  if (headers[':method'] !== 'CONNECT' && headers[':scheme'] !== 'https') {
    stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
    return;
  }
  const exchange = new Http2Exchange(session, stream, rawHeaders);
  respondBy(parts, exchange);
}

/** Absolute times: frames that open no stream buy none. @returns to be told of each stream. */
function endWhenIdle(session: ServerHttp2Session): (stream: ServerHttp2Stream) => void {
  let open = 0;
  const end = (): void => {
    session.close();
    session.destroy();
  };
  let timer = setTimeout(end, FIRST_HEAD_MS);
  session.once('close', () => clearTimeout(timer));
  return (stream) => {
    open += 1;
    clearTimeout(timer);
    stream.once('close', () => {
      open -= 1;
      if (open === 0 && !session.destroyed) timer = setTimeout(end, IDLE_MS);
    });
  };
}
