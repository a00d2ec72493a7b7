import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTACKS } from './attacks.ts';
import { GOOD, runMatrix } from './matrix.ts';
import { pageOf } from './page.ts';

const matrix = await runMatrix();

test('Gatehouse accepts every good vector and refuses every bad one', () => {
  for (const [attack, scores] of matrix) {
    const { accepted, of } = scores.get('Gatehouse') ?? { accepted: -1, of: 0 };
    assert.ok(of > 0);
    assert.equal(accepted, attack === GOOD ? of : 0, attack);
  }
});

test('the others run the same vectors, accept good ones, and refuse what is forged', () => {
  for (const library of ['jose', 'fast-jwt', 'aws-jwt-verify']) {
    for (const [attack, scores] of matrix) {
      assert.equal(scores.get(library)?.of, scores.get('Gatehouse')?.of, `${library} ${attack}`);
    }
    // Else the set-up is wrong, and what they refuse says nothing.
    assert.ok((matrix.get(GOOD)?.get(library)?.accepted ?? 0) >= 11, library);
    for (const forgery of ['alg none', 'HS/RS confusion', 'embedded key', 'kid as input']) {
      assert.equal(matrix.get(forgery)?.get(library)?.accepted, 0, `${library} ${forgery}`);
    }
  }
});

test('every attack is listed once and has a test; one without makes no page', () => {
  assert.equal(new Set(ATTACKS.map(({ name }) => name)).size, ATTACKS.length);
  const page = pageOf(matrix, new Map());
  for (const { name } of ATTACKS) assert.ok(page.includes(`| ${name} |`), name);
  const scores = new Map([['Gatehouse', { accepted: 0, of: 1 }]]);
  assert.throws(() => pageOf(new Map([['unheard of', scores]]), new Map()), /unheard of/);
});
