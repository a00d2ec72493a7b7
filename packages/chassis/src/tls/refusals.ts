/** Says in the log why a connection was refused before it could say anything. */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';

/** So that a flood of bad connections is no flood of lines: the first of each reason in so long. */
const QUIET_MS = 1_000;

const NO_CERTIFICATE = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE';

const REASONS: Readonly<Record<string, string>> = {
  [NO_CERTIFICATE]: 'the peer showed no certificate',
  CERT_HAS_EXPIRED: "the peer's certificate has expired",
  CERT_NOT_YET_VALID: "the peer's certificate is not valid yet",
};

// Whatever OpenSSL calls it: the chain ends at none of our authorities.
const UNTRUSTED =
  /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_(UNTRUSTED|SIGNATURE|REJECTED)|INVALID_CA)/;

/**
 * Logs each connection that a TLS server refuses, with the reason and the address; of a flood, one line
 * a second for each reason with the count of the others.
 *
 * @param server - a `tls.Server`, `https.Server` or `http2.Http2SecureServer`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:https';
 * import { logRefusedConnections, type ServiceContext } from '@gatehouse/chassis';
 *
 * export function serverOf({ tls, log }: ServiceContext) {
 *   const server = createServer(tls.secureContextOptions());
 *   logRefusedConnections(server, log);
 *   return server;
 * }
 * ```
 */
export function logRefusedConnections(
  server: EventEmitter,
  log: Logger,
  nowMs: () => number = () => performance.now(),
): void {
  const last = new Map<string, { atMs: number; hidden: number }>();
  server.on('connection', (socket: Socket) => void socket.remoteAddress);
  server.on('tlsClientError', (error: Error, socket: unknown) => {
    const reason = reasonOf(error, socket);
    if (reason === undefined) return;
    const known = last.get(reason);
    if (known !== undefined && nowMs() - known.atMs < QUIET_MS) {
      known.hidden += 1;
      return;
    }
    const address = addressOf(socket);
    log.warn({ reason, address, alsoRefused: known?.hidden ?? 0 }, 'a connection was refused');
    last.set(reason, { atMs: nowMs(), hidden: 0 });
  });
}

/** Undefined: the peer went away by itself, which a probe of the port does too. */
function reasonOf(error: Error, socket: unknown): string | undefined {
  const refusal = socket instanceof TLSSocket ? (socket.authorizationError as unknown) : undefined;
  const code = String(refusal ?? ('code' in error ? error.code : ''));
  if (UNTRUSTED.test(code)) return "the peer's certificate is of no authority of the trust bundle";
  if (REASONS[code] !== undefined) return REASONS[code];
  if (code === 'ECONNRESET' || code === '') return undefined;
  return `TLS was not agreed on (${code})`;
}

// Node forgets the address of a socket that is gone, unless it was asked for while it was there.
function addressOf(socket: unknown): string {
  if (!(socket instanceof TLSSocket)) return '';
  const { _parent: raw } = socket as { readonly _parent?: Socket };
  return socket.remoteAddress ?? raw?.remoteAddress ?? '';
}
