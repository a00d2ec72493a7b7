import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCors, isOrigin } from './cors.ts';

const APP = 'https://app.example';
const PREFLIGHT = ['Access-Control-Request-Method', 'PATCH'];

test('without origins, nothing is said', () => {
  assert.deepEqual(createCors([])({ method: 'GET', rawHeaders: ['Origin', APP] }), {});
});

test('an allowed origin may read answers, and what was asked is said to caches', () => {
  const headers = createCors([APP])({ method: 'GET', rawHeaders: ['Origin', APP] });
  assert.equal(headers['access-control-allow-origin'], APP);
  assert.equal(headers.vary, 'origin');
  assert.match(headers['access-control-expose-headers'] ?? '', /x-request-id/);
  assert.equal(headers['access-control-allow-credentials'], undefined);
  assert.equal(headers['access-control-allow-methods'], undefined);
});

test('a preflight is told what may be sent', () => {
  const rawHeaders = ['ORIGIN', APP, ...PREFLIGHT];
  const headers = createCors([APP])({ method: 'OPTIONS', rawHeaders });
  assert.match(headers['access-control-allow-methods'] ?? '', /\bPATCH\b/);
  assert.match(headers['access-control-allow-headers'] ?? '', /\bauthorization\b/);
  assert.equal(headers['access-control-max-age'], '600');
});

test('others get nothing: other schemes, ports, cases, subdomains, null, two at a time', () => {
  const cors = createCors([APP]);
  const others = [
    'http://app.example',
    'https://app.example:444',
    'https://APP.example',
    'https://evil.app.example',
    'https://app.example.evil',
    'null',
    '*',
    '',
  ];
  for (const origin of others) {
    const rawHeaders = ['Origin', origin, ...PREFLIGHT];
    assert.deepEqual(cors({ method: 'OPTIONS', rawHeaders }), { vary: 'origin' }, origin);
  }
  const twice = ['Origin', APP, 'Origin', APP];
  assert.deepEqual(cors({ method: 'GET', rawHeaders: twice }), { vary: 'origin' });
});

test('an origin is scheme, host and port, and nothing more', () => {
  assert.ok(['https://app.example', 'http://localhost:3000'].every(isOrigin));
  const none = [
    '*',
    'null',
    'app.example',
    'https://app.example/',
    'https://a.example:443',
    'ftp://a',
  ];
  assert.deepEqual(none.filter(isOrigin), []);
});
