/** Past the gateway, straight at a service's port. */
import { connect } from 'node:tls';
import { milliseconds } from './draw.ts';
import { ends, type Line, paragraph } from './page.ts';

const TIMEOUT_MS = 5_000;

/** Tries to open a connection to the board without a certificate, and shows what came of it. */
export async function directCall(port: number): Promise<readonly Line[]> {
  const startedMs = performance.now();
  const { refused, words } = await tryConnection(port);
  const took = milliseconds(performance.now() - startedMs);
  const verdict = refused ? (['red', 'refused'] as const) : (['green', 'open'] as const);
  return [
    [''],
    ends([' ', ['bold', 'back door'.padEnd(16)], verdict, ` ${words}`], [['dim', took]]),
    ...paragraph(`Straight at the board, 127.0.0.1:${port}, without a certificate.`, 4),
    ['    ', ['dim', 'Found by the board, in TLS: nothing that was sent was ever read.']],
  ];
}

/** With TLS 1.3 the server's refusal comes after the client's side of the handshake is done. */
function tryConnection(port: number): Promise<{ refused: boolean; words: string }> {
  return new Promise((resolve) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      ALPNProtocols: ['h2'],
      // Whether it is the board is not the question; whether the board takes us, is.
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    });
    const end = (refused: boolean, words: string) => {
      socket.destroy();
      resolve({ refused, words });
    };
    socket.once('error', (error: NodeJS.ErrnoException) => end(true, error.code ?? error.message));
    socket.once('close', () => end(true, 'the connection was closed'));
    socket.once('timeout', () => end(false, 'the connection stays open'));
    socket.once('data', () => end(false, 'it answers'));
  });
}
