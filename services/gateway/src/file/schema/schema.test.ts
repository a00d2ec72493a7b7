import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { SMALL_FILE } from '../../test-support/gateway-file.ts';
import { checkShape } from '../check-shape.ts';
import { readTree } from '../tree.ts';
import { FILE_ALONE, publishedSchema } from './gateway-file.ts';
import { fill, type Schema } from './schema.ts';

const COMMITTED = new URL('../../../gateway.schema.json', import.meta.url);

// `patternErrorMessage` is for editors.
const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
ajv.addKeyword('patternErrorMessage');
const validate = ajv.compile(JSON.parse(publishedSchema()));

test('the committed schema is what the reader goes by', () => {
  const hint = 'run: npx gatehouse gateway --schema > services/gateway/gateway.schema.json';
  assert.equal(readFileSync(COMMITTED, 'utf8'), publishedSchema(), hint);
});

test('another validator takes and refuses what the reader does', () => {
  const edits: readonly (readonly [string, string])[] = [
    ['', ''],
    ['[GET]', 'GET'],
    ['[GET]', '[]'],
    ['[GET]', '[GET, GET]'],
    ['[GET]', '[get]'],
    ['orders:read', '[orders:read, a]'],
    ['orders:read', '[1]'],
    ['orders:read', 'a b'],
    ['subject: SIGNED_IN', 'subject: NONE'],
    ['name: read-order', 'name: Read'],
    ['name: read-order', 'nam: a'],
    ['upstream: shop\n', 'upstream: shop\n    retries: 6\n'],
    ['upstream: shop\n', 'upstream: shop\n    retries: "1"\n'],
    ['upstream: shop\n', 'upstream: shop\n    timeouts: { idle: 5 }\n'],
    ['upstream: shop\n', 'upstream: shop\n    timeouts: { idle: 5s }\n'],
    ['upstream: shop\n', 'upstream: shop\n    rewrite: { request_headers: { set: { a: 1 } } }\n'],
    ['upstream: shop\n', 'upstream: shop\n    limit: {}\n'],
    ['shop: {', 'Shop: {'],
    ['issuers:', 'listen: { port: 70000 }\nissuers:'],
    ['issuers:', 'listen: { port: 8080, limit: { per_second: 1 } }\nissuers:'],
    ['issuers:', 'other: 1\nissuers:'],
    ['routes:', 'routs:'],
  ];
  let refused = 0;
  for (const [from, to] of edits) {
    const text = SMALL_FILE.replace(from, to);
    const ours = checkShape(readTree(text), FILE_ALONE).length === 0;
    assert.equal(ours, validate(parse(text)), `${to}: ${ajv.errorsText(validate.errors)}`);
    if (!ours) refused += 1;
  }
  assert.equal(refused, 18);
});

test('every default and example is one that the schema takes, and every key says what it is', () => {
  let seen = 0;
  const visit = (schema: Schema, name: string): void => {
    const check = ajv.compile(schema);
    const samples = [...(schema.examples ?? []), ...('default' in schema ? [schema.default] : [])];
    for (const sample of samples) {
      assert.ok(
        check(sample),
        `${name}: ${JSON.stringify(sample)} ${ajv.errorsText(check.errors)}`,
      );
      seen += 1;
    }
    for (const [key, member] of Object.entries(schema.properties ?? {})) {
      assert.ok((member.description ?? '').length > 4, `${name}.${key} has no description`);
      visit(member, `${name}.${key}`);
    }
    if (schema.items !== undefined) visit(schema.items, `${name}[]`);
    if (typeof schema.additionalProperties === 'object')
      visit(schema.additionalProperties, `${name}.*`);
    const isClosed = schema.type !== 'object' || schema.additionalProperties !== undefined;
    assert.ok(isClosed, `${name} takes anything`);
  };
  visit(FILE_ALONE, 'file');
  assert.ok(seen > 50);
});

test('defaults are filled in at every depth, and what is said stays', () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    properties: {
      a: { type: 'integer', default: 1 },
      b: {
        type: 'object',
        additionalProperties: false,
        default: {},
        properties: { c: { type: 'string', default: 'x' }, d: { type: 'string' } },
      },
    },
  } as const satisfies Schema;
  assert.deepEqual(fill(schema, { b: { d: 'y' } }), { a: 1, b: { c: 'x', d: 'y' } });
  assert.deepEqual(fill(schema, { a: 0 }), { a: 0, b: { c: 'x' } });
});
