/** A standalone gateway, as curl sees it: HTTP/2 and HTTP/1.1 over TLS, and large bodies both ways. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type AttackedGateway, startAttackedGateway } from '../gateway/support/attacked-gateway.ts';
import { echo } from '../gateway/support/recording-upstream.ts';
import { tool } from './support/tool.ts';

const LARGE_BYTES = 8 * 1024 * 1024;

let gateway: AttackedGateway;
let folder: string;

before(async () => {
  gateway = await startAttackedGateway();
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-outside-'));
  writeFileSync(join(folder, 'ca.pem'), gateway.authority.bundlePem);
});
after(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

const curl = (path: string, ...args: readonly string[]) =>
  tool('curl', [
    ...['-sS', '--cacert', join(folder, 'ca.pem'), '-w', '\n%{http_version} %{response_code}'],
    ...args,
    `https://localhost:${gateway.tlsPort}${path}`,
  ]);

for (const [flag, version] of [
  ['--http2', '2'],
  ['--http1.1', '1.1'],
] as const) {
  test(`a request by HTTP/${version}`, async () => {
    const { stdout } = await curl('/public/a?b=c', flag);
    assert.equal(stdout.toString(), `GET /public/a?b=c 0\n${version} 200`);
  });

  test(`a token, or none, by HTTP/${version}`, async () => {
    const bearer = ['-H', `Authorization: Bearer ${gateway.token}`];
    assert.match((await curl('/items/1', flag, ...bearer)).stdout.toString(), / 200$/);
    assert.match((await curl('/items/1', flag)).stdout.toString(), / 401$/);
    assert.match((await curl('/admin/1', flag, ...bearer)).stdout.toString(), / 403$/);
  });

  test(`a large body up, and a large body down, by HTTP/${version}`, async () => {
    const body = randomBytes(LARGE_BYTES);
    const [up, down] = [join(folder, 'up'), join(folder, 'down')];
    writeFileSync(up, body);
    gateway.upstream.answerWith((request, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${request.body.length}\r\n\r\n`);
      socket.write(request.body);
    });
    const { stderr } = await curl('/public/a', flag, '--data-binary', `@${up}`, '-o', down);
    gateway.upstream.answerWith(echo);
    const { stdout } = await tool('sha256sum', [down]);
    assert.equal(
      stdout.toString().split(' ')[0],
      createHash('sha256').update(body).digest('hex'),
      stderr,
    );
  });
}

test('HEAD, and early hints before the answer', async () => {
  gateway.upstream.answerWith((_, socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n');
  });
  const { stdout } = await curl('/public/a', '--http2', '-I');
  gateway.upstream.answerWith(echo);
  assert.match(
    stdout.toString(),
    /HTTP\/2 103 [\s\S]*link: <\/a>[\s\S]*HTTP\/2 200 [\s\S]*content-length: 7/,
  );
});
