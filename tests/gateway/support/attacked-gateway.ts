/** The gateway that attacks are tried on: one by HTTP/1.1, one by TLS and HTTP/2, before one upstream. */
import { join } from 'node:path';
import { createTestAuthority, type TestAuthority } from '@gatehouse/testing';
import { startGateway } from './gateway.ts';
import { AUDIENCE, type Issuer, startIssuer } from './issuer.ts';
import { GUARDED, GUARDED_HOST, GUARDED_HOST_ROUTE } from './judge.ts';
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts';

export interface AttackedGateway {
  readonly port: number;
  /** Of the process that listens there. */
  readonly pid: number;
  readonly tlsPort: number;
  readonly tlsPid: number;
  /** With key.pem and chain.pem, which `renew` replaces. */
  readonly tlsFolder: string;
  readonly authority: TestAuthority;
  readonly upstream: RecordingUpstream;
  readonly issuer: Issuer;
  /** Of a person who is no administrator. */
  readonly token: string;
  log(): readonly string[];
  close(): Promise<void>;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const ANYONE = { subject: 'ANYONE' };
const ADMIN = { subject: 'SIGNED_IN', scopes: ['admin'] };

const ROUTES = [
  route('public', '/public/{rest=**}', ANYONE),
  route(GUARDED, `/${GUARDED}/{rest=**}`, ADMIN),
  route('items', '/items/{id}', { subject: 'SIGNED_IN', scopes: ['items:read'] }),
  route('tenant', '/tenant/{rest=**}', ANYONE),
  { ...route(GUARDED_HOST_ROUTE, '/tenant/{rest=**}', ADMIN), hosts: [GUARDED_HOST] },
  {
    ...route('strip', '/strip/{rest=**}', ANYONE),
    rewrite: { prefix: { from: '/strip', to: '/' } },
  },
  { ...route('socket', '/socket', ANYONE), websocket: true },
  { ...route('private-socket', '/private-socket', { subject: 'SIGNED_IN' }), websocket: true },
];

/** Starts issuer, upstream and both gateways. */
export async function startAttackedGateway(): Promise<AttackedGateway> {
  const [issuer, upstream, authority] = await Promise.all([
    startIssuer(),
    startRecordingUpstream(),
    createTestAuthority(),
  ]);
  const folder = await authority.folderFor('edge');
  const tls = { cert: join(folder, 'chain.pem'), key: join(folder, 'key.pem') };
  const file = {
    issuers: [{ issuer: issuer.url, audience: AUDIENCE }],
    upstreams: { recorder: { addresses: [`127.0.0.1:${upstream.port}`] } },
    routes: ROUTES,
  };
  const plain = await startGateway(file);
  const secure = await startGateway({ ...file, listen: { tls } });
  return {
    port: plain.port,
    pid: plain.pid,
    tlsFolder: folder,
    authority,
    tlsPort: secure.port,
    tlsPid: secure.pid,
    upstream,
    issuer,
    token: issuer.token(),
    log: () => [...plain.log(), ...secure.log()],
    close: async () => {
      await Promise.all([plain.stop(), secure.stop()]);
      await Promise.all([upstream.close(), issuer.close(), authority.close()]);
    },
  };
}

function route(name: string, path: string, rule: object) {
  return { name, path, methods: METHODS, rule, upstream: 'recorder' };
}
