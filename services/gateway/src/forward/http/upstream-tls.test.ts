import assert from 'node:assert/strict';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { createServer, type TlsOptions } from 'node:tls';
import { createTestAuthority, type TestAuthority } from '@gatehouse/testing';
import { onHeads, request, send, settings, upstreamsAt } from './test-support/upstream.ts';
import { createUpstreams } from './upstreams.ts';

let authority: TestAuthority;

before(async () => {
  authority = await createTestAuthority();
});

after(() => authority.close());

/** A TLS server with its name; answers with the serial number of the client's certificate. */
async function serve(t: TestContext, name: string, options: TlsOptions = {}): Promise<number> {
  const { keyPem, chainPem } = await authority.issue({ names: [{ type: 'dns', value: name }] });
  const server = createServer({ key: keyPem, cert: chainPem, ...options }, (socket) => {
    socket.on('error', () => undefined);
    onHeads(socket, () => {
      const serial = socket.getPeerCertificate().serialNumber ?? '';
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${serial.length}\r\n\r\n${serial}`);
    });
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const tls = (folder: string, over: object = {}) => ({
  tls: { ca: join(folder, 'bundle.pem'), serverName: 'shop.internal', ...over },
});

test('the certificate must be for the name, and of the authority', async (t) => {
  const port = await serve(t, 'shop.internal');
  const folder = await authority.folderFor('gateway');
  const good = upstreamsAt(t, settings([port], tls(folder)));
  assert.equal((await send(good.client).done).status, 200);
  const refused = async (over: object, lastError: string): Promise<void> => {
    const { client, addresses } = upstreamsAt(t, settings([port], tls(folder, over)));
    assert.equal((await send(client).done).error?.code, 'gateway.upstream_away');
    assert.equal(addresses()[0]?.lastError, lastError);
  };
  await refused({ serverName: 'other.internal' }, 'ERR_TLS_CERT_ALTNAME_INVALID');
  await refused({ serverName: undefined }, 'ERR_TLS_CERT_ALTNAME_INVALID');
  const stranger = await createTestAuthority();
  t.after(() => stranger.close());
  const theirs = await stranger.folderFor('gateway');
  await refused({ ca: join(theirs, 'bundle.pem') }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  await refused({ ca: undefined }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test('a certificate of ours is shown, and a renewed one from the next connection on', async (t) => {
  const port = await serve(t, 'shop.internal', {
    requestCert: true,
    ca: authority.bundlePem,
  });
  const folder = await authority.folderFor('gateway');
  const own = { cert: join(folder, 'chain.pem'), key: join(folder, 'key.pem') };
  const { client, pass } = upstreamsAt(t, settings([port], tls(folder, own)));
  const shown = async (): Promise<string> => (await send(client).done).body;
  const first = await shown();
  assert.notEqual(first, '');
  await authority.renew(folder, 'gateway');
  pass(5000);
  const second = await shown();
  assert.notEqual(second, first);
  await writeFile(join(folder, 'key.pem'), 'half a f');
  pass(5000);
  assert.equal(await shown(), second, 'what cannot be read is passed over');
  const other = await authority.folderFor('gateway');
  await copyFile(join(other, 'key.pem'), join(folder, 'key.pem'));
  pass(5000);
  assert.equal(await shown(), second, 'so is a key of another certificate');
});

test('settings whose files cannot be read change nothing', async (t) => {
  const port = await serve(t, 'shop.internal');
  const folder = await authority.folderFor('gateway');
  const upstreams = createUpstreams();
  t.after(() => upstreams.close(0));
  upstreams.update(settings([port], tls(folder)));
  await send(upstreams.client('it')).done;
  await rm(join(folder, 'bundle.pem'));
  const next = new Map([
    ...settings([port], { name: 'new' }),
    ...settings([port], tls(folder, { serverName: 'other' })),
  ]);
  assert.throws(() => upstreams.update(next), /ENOENT/);
  assert.deepEqual(
    upstreams.states().map(({ name }) => name),
    ['it'],
  );
  assert.equal((await send(upstreams.client('it')).done).status, 200);
});

test('large answers come whole over TLS too', async (t) => {
  const { keyPem, chainPem } = await authority.issue({
    names: [{ type: 'dns', value: 'shop.internal' }],
  });
  const size = 3_000_000;
  const server = createServer({ key: keyPem, cert: chainPem }, (socket) => {
    socket.on('error', () => undefined);
    onHeads(socket, () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size, 'abcdefg'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const folder = await authority.folderFor('gateway');
  const { client } = upstreamsAt(t, settings([port], tls(folder)));
  for (let round = 0; round < 5; round += 1) {
    let held = 0;
    const sent = send(client, request(), () => {
      held += 1;
      if (held % 5 !== 0) return true;
      setImmediate(() => sent.exchange.resume());
      return false;
    });
    const outcome = await sent.done;
    assert.ok(Buffer.concat(outcome.chunks).equals(Buffer.alloc(size, 'abcdefg')));
  }
});
