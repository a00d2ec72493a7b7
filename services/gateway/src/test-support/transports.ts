/** Plain TCP and TLS: what the edge does on one, it does on the other. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { createTestAuthority } from '@gatehouse/testing';
import { createEdgeTls } from '../receive/edge-tls.ts';
import { createReceiver, type ReceiverOptions } from '../receive/receiver.ts';
import type { Receiver } from '../receive/seam.ts';

export type MakeReceiver = (options: ReceiverOptions) => Receiver;

const files = await certificateFiles();
/** Ports of receivers that `secureReceiver` made. */
const securePorts = new Set<number>();

async function certificateFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'edge-tls-'));
  const paths = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const authority = await createTestAuthority();
  const { chainPem, keyPem } = await authority.issue({
    names: [{ type: 'dns', value: 'localhost' }],
  });
  writeFileSync(paths.certFile, chainPem);
  writeFileSync(paths.keyFile, keyPem);
  await authority.close();
  return paths;
}

/** For a server of a test's own. */
export function secureContextOptions(): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) };
}

/** A receiver with TLS. {@link connectTo} knows its port. */
export const secureReceiver: MakeReceiver = (options) => {
  const tls = createEdgeTls(files);
  const receiver = createReceiver({ tls, ...options });
  let port = 0;
  return {
    start: async () => {
      port = await receiver.start();
      securePorts.add(port);
      return port;
    },
    stop: async (graceMs) => {
      await receiver.stop(graceMs);
      tls.close();
      securePorts.delete(port);
    },
  };
};

/** The same test on plain TCP and over TLS. */
export function onBoth(
  name: string,
  run: (t: TestContext, make: MakeReceiver) => Promise<void>,
): void {
  test(`${name} (plain)`, (t) => run(t, createReceiver));
  test(`${name} (TLS)`, (t) => run(t, secureReceiver));
}

/** Connects to a receiver, over TLS where it has that. */
export function connectTo(
  port: number,
  onConnect: () => void = () => undefined,
  options: ConnectionOptions = {},
): Socket {
  if (!securePorts.has(port)) return connect({ port, host: '127.0.0.1' }, onConnect);
  const secure = {
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  };
  return connectTls({ ...secure, ...options }, onConnect);
}

/** Whether a receiver has TLS. */
export function isSecure(port: number): boolean {
  return securePorts.has(port);
}
