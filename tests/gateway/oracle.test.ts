/**
 * The checks of this folder can fail: a lenient proxy in the gateway's place lets the attacks through, and
 * the judge says so. Without this, a judge that sees nothing would find everything in order.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { WireAttack } from './catalogue/attack.ts';
import { CATALOGUE } from './catalogue/catalogue.ts';
import { attempt, NEXT_ANSWER, sendWire } from './support/attempt.ts';
import { faultsIn, readingsOf } from './support/judge.ts';
import { type LenientProxy, startLenientProxy } from './support/lenient-proxy.ts';
import { type RecordingUpstream, startRecordingUpstream } from './support/recording-upstream.ts';
import { readStrictly } from './support/strict-request.ts';

let upstream: RecordingUpstream;
let proxy: LenientProxy;

before(async () => {
  upstream = await startRecordingUpstream();
  proxy = await startLenientProxy(upstream.port);
});
after(async () => {
  await proxy.close();
  await upstream.close();
});

const wireAttacks = CATALOGUE.filter((attack): attack is WireAttack => attack.wire === 'http/1.1');

for (const { advisory, what, variants } of wireAttacks.filter(({ seen }) => seen)) {
  test(`seen behind a lenient proxy: ${advisory}, ${what}`, async () => {
    const target = { port: proxy.port, upstream, patienceMs: 150 };
    const faults: string[] = [];
    for (const bytes of variants) {
      const { received } = await attempt(target, () => sendWire(target, bytes));
      faults.push(...faultsIn(received, { passports: false }));
    }
    assert.notDeepEqual(faults, []);
  });
}

test('an innocent request is not seen', async () => {
  const target = { port: proxy.port, upstream, patienceMs: 1000 };
  const { arrived, received, nextAnswer } = await attempt(target, () =>
    sendWire(target, 'POST /public/a?b=c HTTP/1.1\r\nHost: edge\r\nContent-Length: 2\r\n\r\nok'),
  );
  assert.deepEqual(faultsIn(received, { passports: false }), []);
  assert.equal(arrived.length, 1);
  assert.equal(nextAnswer, NEXT_ANSWER);
});

test('what was decided on for another route, or for none, is seen', () => {
  const passport = (route: string) =>
    `a.${Buffer.from(JSON.stringify({ tctx: { method: `http:${route}` } })).toString('base64url')}.c`;
  const sent = (target: string, route: string) => [
    {
      bytes: Buffer.from(
        `GET ${target} HTTP/1.1\r\nHost: edge\r\nTxn-Token: ${passport(route)}\r\n\r\n`,
      ),
      isClosed: true,
    },
  ];
  assert.deepEqual(faultsIn(sent('/public/a', 'public'), { passports: true }), []);
  assert.deepEqual(faultsIn(sent('/admin/a', 'admin'), { passports: true }), []);
  assert.equal(faultsIn(sent('/admin/a', 'public'), { passports: true }).length, 1);
  const none = Buffer.from('GET /public/a HTTP/1.1\r\nHost: edge\r\n\r\n');
  assert.equal(faultsIn([{ bytes: none, isClosed: true }], { passports: true }).length, 1);
  const half = Buffer.from('POST /a HTTP/1.1\r\nHost: edge\r\nContent-Length: 9\r\n\r\n');
  assert.equal(faultsIn([{ bytes: half, isClosed: false }], { passports: false }).length, 1);
  assert.deepEqual(faultsIn([{ bytes: half, isClosed: true }], { passports: false }), []);
});

test('every reading that some server makes of a path is made', () => {
  for (const path of [
    ...['/public/../admin/x', '/public/%2e%2e%2Fadmin/x', '/public/..%5cadmin', '/a/..;/admin/x'],
    ...['/%2561dmin', '//admin', '/public/%252e%252e/admin', '/./admin', 'http://edge/admin/x'],
  ]) {
    assert.ok(
      readingsOf(path).some((reading) => /^\/+admin(\/|$)/.test(reading)),
      path,
    );
  }
});

test('each way to frame a request twice has no strict reading', () => {
  for (const head of [
    ...[
      'Content-Length: 1\r\nContent-Length: 1',
      'Content-Length: 1\r\nTransfer-Encoding: chunked',
    ],
    ...[
      'Content-Length: +1',
      'Content-Length: 01',
      'Transfer-Encoding: Chunked',
      'X : y',
      'X: a\r\n b',
    ],
  ]) {
    const bytes = Buffer.from(`POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\nx`);
    assert.notEqual(readStrictly(bytes).fault, undefined, head);
  }
});
