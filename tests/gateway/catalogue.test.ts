/** Catalogue, tests and page say the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { KINDS } from './catalogue/attack.ts';
import { CATALOGUE } from './catalogue/catalogue.ts';
import { pageOf } from './page.ts';

const CHECKS = readFileSync(new URL('published-checks.test.ts', import.meta.url), 'utf8');

test('every kind of attack is tried', () => {
  for (const kind of KINDS)
    assert.ok(
      CATALOGUE.some((attack) => attack.kind === kind),
      kind,
    );
});

test('every product is tried', () => {
  for (const product of ['nginx', 'Envoy', 'HAProxy', 'Oathkeeper', 'Traefik', 'http-proxy']) {
    assert.ok(
      CATALOGUE.some((attack) => attack.product.includes(product)),
      product,
    );
  }
});

test('each attack has variants, or a test that names it', () => {
  for (const attack of CATALOGUE) {
    if (attack.wire === 'test') assert.ok(CHECKS.includes(attack.advisory), attack.advisory);
    else assert.ok(attack.variants.length > 0, attack.advisory);
  }
});

test('the page names each of them once', () => {
  const page = pageOf();
  for (const { advisory } of CATALOGUE) assert.ok(page.includes(`[${advisory}](`), advisory);
});
