/** Every listener inside, as OpenSSL sees it: nobody gets in without a certificate of the trust domain. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { target } from '../e2e/support/config.ts';
import { type Said, tool } from './support/tool.ts';

// The connection preface of HTTP/2 and an empty SETTINGS frame (RFC 9113, 3.4): what a server that
// lets us in answers with its own SETTINGS.
const HELLO = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const SETTINGS_FRAME_TYPE = 4;

const listeners = Object.entries(target().ports).flatMap(([part, { grpc, keys }]) =>
  [
    { name: `${part} grpc`, port: grpc, isGrpc: true },
    { name: `${part} keys`, port: keys, isGrpc: false },
  ].filter(({ port }) => port !== undefined),
);

let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-outside-'));
  // Says the right name, but nobody of this trust domain signed it.
  const subject = [
    '-subj',
    '/CN=gateway',
    '-addext',
    'subjectAltName=URI:spiffe://gatehouse.local/gateway',
  ];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'chain.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const made = await tool('openssl', ['req', '-x509', ...key, ...subject, ...files]);
  assert.equal(made.exitCode, 0, made.stderr);
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

function identityOf(workload: string): string {
  return target().identities[workload] ?? '';
}

async function connect(port: number | undefined, args: readonly string[]): Promise<Said> {
  const address = `localhost:${port}`;
  const trust = ['-CAfile', join(identityOf('gateway'), 'bundle.pem'), '-verify_return_error'];
  const common = ['s_client', '-quiet', '-connect', address, '-servername', 'localhost', ...trust];
  const options = { input: HELLO, keepInputOpen: true, untilOutput: true };
  return await tool('openssl', [...common, '-alpn', 'h2', ...args], options);
}

function identity(from: string): readonly string[] {
  return ['-cert', join(from, 'chain.pem'), '-key', join(from, 'key.pem')];
}

// An alert, or a connection that ends after the handshake: never one byte of HTTP/2.
function assertRefused(said: Said): void {
  assert.equal(said.stdout.length, 0, 'the server answered');
  assert.notEqual(said.exitCode, undefined);
  assert.doesNotMatch(said.stderr, /refused|verify error/i);
}

test('there are listeners to look at', () => {
  assert.ok(listeners.filter(({ isGrpc }) => isGrpc).length >= 3);
  assert.ok(listeners.some(({ isGrpc }) => !isGrpc));
});

for (const { name, port, isGrpc } of listeners) {
  test(`${name}: no certificate, no connection, in TLS 1.3 and 1.2`, async () => {
    assertRefused(await connect(port, ['-tls1_3']));
    assertRefused(await connect(port, ['-tls1_2']));
  });

  test(`${name}: a certificate of another authority is refused`, async () => {
    assertRefused(await connect(port, identity(folder)));
  });

  test(`${name}: TLS 1.1 is not spoken`, async () => {
    const old = ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'];
    const said = await connect(port, [...old, ...identity(identityOf('gateway'))]);
    assertRefused(said);
    assert.match(said.stderr, /alert protocol version/);
  });

  if (!isGrpc) continue;
  test(`${name}: the gateway's certificate is accepted`, async () => {
    const { stdout, stderr } = await connect(port, identity(identityOf('gateway')));
    assert.equal(stdout[3], SETTINGS_FRAME_TYPE, stderr);
  });
}
