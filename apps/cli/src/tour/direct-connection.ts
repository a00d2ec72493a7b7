/** Past the gateway, directly to a service's port. */
import { connect } from 'node:tls';
import { milliseconds } from './draw.ts';
import { ends, type Line, paragraph } from './page.ts';

const TIMEOUT_MS = 5_000;

/** Tries to open a connection to the board without a certificate, and shows what happened. */
export async function tryDirectly(port: number): Promise<readonly Line[]> {
  const startedMs = performance.now();
  const { refused, text } = await tryConnection(port);
  const took = milliseconds(performance.now() - startedMs);
  const verdict = refused ? (['red', 'refused'] as const) : (['green', 'open'] as const);
  return [
    [''],
    ends([' ', ['bold', 'no certificate'.padEnd(16)], verdict, ` ${text}`], [['dim', took]]),
    ...paragraph(`Directly to the board, 127.0.0.1:${port}, without a certificate.`, 4),
    ['    ', ['dim', 'Detected by the board, in TLS: it reads no request.']],
  ];
}

/** With TLS 1.3 the server rejects after the client's side of the handshake is done. */
function tryConnection(port: number): Promise<{ refused: boolean; text: string }> {
  return new Promise((resolve) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      ALPNProtocols: ['h2'],
      // The question is whether the board accepts us, not whether it is the board.
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    });
    const end = (refused: boolean, text: string) => {
      socket.destroy();
      resolve({ refused, text });
    };
    socket.once('error', (error: NodeJS.ErrnoException) => end(true, error.code ?? error.message));
    socket.once('close', () => end(true, 'the connection was closed'));
    socket.once('timeout', () => end(false, 'the connection stays open'));
    socket.once('data', () => end(false, 'it responds'));
  });
}
