/** The processes of the measurement: the service behind, and each gateway before it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestAuthority } from '@gatehouse/testing';
import { freePort, listens } from '../harness/ports.ts';
import { CORES, type PinnedProcess, startPinned } from '../harness/processes.ts';
import { type IssuerFiles, makeIssuer } from './issuer.ts';
import { nginxUpstream } from './peers/nginx.ts';
import type { Peer, Place } from './peers/peer.ts';

/** What all gateways share. */
export interface World {
  readonly folder: string;
  readonly issuer: IssuerFiles;
  /** A file with the access tokens, one a line. */
  readonly tokensFile: string;
  /** Where a gateway finds what it needs; its ports are its own. */
  readonly place: Omit<Place, 'folder' | 'port' | 'adminPort'>;
  close(): Promise<void>;
}

/** A gateway that is up. */
export interface Running {
  readonly process: PinnedProcess;
  readonly port: number;
  /** `http://127.0.0.1:port`, or https. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the service, which shares its core with the load. */
export async function startWorld(options: {
  readonly tokens: number;
  readonly alg: 'RS256' | 'ES256';
}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-gateway-'));
  const authority = await createTestAuthority();
  const tlsFolder = await authority.folderFor('edge');
  const issuer = makeIssuer(folder, options);
  const tokensFile = join(folder, 'tokens');
  const tokens = Array.from({ length: options.tokens }, () => issuer.token());
  writeFileSync(tokensFile, `${tokens.join('\n')}\n`, { mode: 0o600 });
  const { jwksFile, pemFile, signingKeysFile } = issuer;
  const tls = { certFile: join(tlsFolder, 'chain.pem'), keyFile: join(tlsFolder, 'key.pem') };
  const known = { jwksFile, pemFile, signingKeysFile, tls };
  const upstreamPort = await freePort();
  const place = { ...known, upstreamPort };
  const upstream = await startAt(nginxUpstream, CORES.others, {
    ...place,
    ...{ folder, port: upstreamPort, adminPort: 0 },
  });
  return {
    folder,
    issuer,
    tokensFile,
    place,
    close: async () => {
      await upstream.close();
      await authority.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Starts one of the gateways on a core of its own. */
export async function startPeer(world: World, peer: Peer, core: number): Promise<Running> {
  const folder = mkdtempSync(join(world.folder, 'peer-'));
  const [port, adminPort] = [await freePort(), await freePort()];
  return await startAt(peer, core, { ...world.place, folder, port, adminPort });
}

async function startAt(peer: Peer, core: number | string, place: Place): Promise<Running> {
  const { command, env } = await peer.start(place);
  const { port } = place;
  const started = startPinned(core, command, { env: { ...process.env, ...env } });
  started.child.stdout?.resume();
  try {
    await listens(port, `${command[0]}`);
  } catch (cause) {
    await started.stop();
    throw new Error(`${command.join(' ')} does not start. ${peer.hint ?? ''}`, { cause });
  }
  const scheme = peer.isTls === true ? 'https' : 'http';
  return {
    process: started,
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    close: () => started.stop(),
  };
}
