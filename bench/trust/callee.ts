/** The service that is called, with mutual TLS and without. */
import { fileURLToPath } from 'node:url';
import { createTestAuthority, createTestIssuer } from '@gatehouse/testing';
import { CORES, firstLine, startPinned } from '../harness/processes.ts';
import { shared } from '../harness/shared.ts';
import { publishTarget } from './target.ts';

const UPSTREAM = fileURLToPath(new URL('../transcode/upstream.ts', import.meta.url));

/** Starts it and tells the work processes where it is. */
export const openCallee = shared(async () => {
  const authority = await createTestAuthority();
  const folder = await authority.folderFor('board');
  const servers = ['mutual-tls', 'plain'].map((way) =>
    startPinned(CORES.others, [process.execPath, UPSTREAM, folder, way]),
  );
  const [secure, plain] = await Promise.all(servers.map(({ child }) => firstLine(child)));
  publishTarget({
    secure: `localhost:${secure}`,
    plain: `127.0.0.1:${plain}`,
    tlsFolder: await authority.folderFor('gateway'),
    serverSpiffeId: `spiffe://${authority.trustDomain}/board`,
    passport: createTestIssuer().passport({ scope: 'board:read' }),
  });
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await authority.close();
  };
  return { close };
});
