/** The service that is called, with mutual TLS and without: started by the first subject that asks. */
import { fileURLToPath } from 'node:url';
import { createTestAuthority, createTestIssuer } from '@gatehouse/testing';
import { CORES, firstLine, startPinned } from '../harness/processes.ts';
import { publishTarget } from './target.ts';

const UPSTREAM = fileURLToPath(new URL('../transcode/upstream.ts', import.meta.url));

let opened: Promise<() => Promise<void>> | undefined;
let users = 0;

/** Starts it and tells the work processes where it is. @returns how to leave it. */
export async function openCallee(): Promise<() => Promise<void>> {
  users += 1;
  opened ??= start();
  const close = await opened;
  return async () => {
    users -= 1;
    if (users === 0) await close();
  };
}

async function start(): Promise<() => Promise<void>> {
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
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await authority.close();
  };
}
