import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { SMALL_FILE } from '../test-support/gateway-file.ts';
import { openFile } from './open-file.ts';
import { publishedSchema, type Schema, validate } from './schema.ts';

interface FullSchema extends Schema {
  readonly $ref?: string;
  readonly items?: FullSchema;
  readonly properties?: Readonly<Record<string, FullSchema>>;
  readonly additionalProperties?: false | FullSchema;
}

const published = JSON.parse(publishedSchema());
// `patternErrorMessage` is for editors and for our messages.
const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
ajv.addKeyword('patternErrorMessage');
ajv.addSchema(published, 'file');

test('the schema holds where a validator is at its strictest', () => {
  assert.equal(ajv.validate('file', parse(SMALL_FILE)), true, ajv.errorsText());
});

test('every default and example is one that the schema takes, and every key says what it is', () => {
  let seen = 0;
  const visit = (schema: FullSchema, pointer: string): void => {
    const samples = [...(schema.examples ?? []), ...('default' in schema ? [schema.default] : [])];
    for (const sample of samples) {
      const valid = ajv.validate(`file#${pointer}`, sample);
      assert.ok(valid, `${pointer}: ${JSON.stringify(sample)} ${ajv.errorsText()}`);
      seen += 1;
    }
    for (const [key, member] of Object.entries(schema.properties ?? {})) {
      assert.ok((member.description ?? '').length > 4, `${pointer}/${key} has no description`);
      visit(member, `${pointer}/properties/${key}`);
    }
    if (schema.items !== undefined) visit(schema.items, `${pointer}/items`);
    if (typeof schema.additionalProperties === 'object')
      visit(schema.additionalProperties, `${pointer}/additionalProperties`);
    const isClosed = schema.type !== 'object' || schema.additionalProperties !== undefined;
    assert.ok(isClosed, `${pointer} takes anything`);
    const isTold = schema.pattern === undefined || schema.patternErrorMessage !== undefined;
    assert.ok(isTold, `${pointer} does not say what its pattern means`);
  };
  visit(published, '');
  for (const [name, schema] of Object.entries<FullSchema>(published.$defs)) {
    visit(schema, `/$defs/${name}`);
  }
  assert.ok(seen > 50);
});

test('defaults are filled in at every depth, and what is said stays', () => {
  const file = parse(SMALL_FILE);
  file.listen = { limit: { per_second: 1 } };
  assert.deepEqual(validate('standalone', file), []);
  assert.deepEqual(file.listen.limit, { per_second: 1, burst: 0 });
  assert.equal(file.passports.rotate_every, '24h');
  assert.deepEqual(file.routes[0].rewrite.request_headers, { set: {}, remove: [] });
  assert.deepEqual(file.upstreams.shop.ejection, { failures: 5, for: '1s', at_most: '30s' });
});

test('what is wrong is found, and each thing once', () => {
  const edits: readonly (readonly [string, string, number])[] = [
    ['', '', 0],
    ['[GET]', 'GET', 1],
    ['[GET]', '[]', 1],
    ['[GET]', '[GET, GET]', 1],
    ['[GET]', '[get]', 1],
    ['[GET]', '[1]', 1],
    ['orders:read', '[orders:read, a]', 0],
    ['orders:read', '[1]', 1],
    ['orders:read', 'a b', 1],
    ['subject: SIGNED_IN', 'subject: NONE', 1],
    ['subject: SIGNED_IN', 'subject: 1', 1],
    ['name: read-order', 'name: Read', 1],
    ['name: read-order', 'nam: a', 2],
    ['upstream: shop\n', 'upstream: shop\n    retries: 6\n', 1],
    ['upstream: shop\n', 'upstream: shop\n    retries: "1"\n', 1],
    ['upstream: shop\n', 'upstream: shop\n    retries: .inf\n', 1],
    ['upstream: shop\n', 'upstream: shop\n    timeouts: { idle: 5 }\n', 1],
    ['upstream: shop\n', 'upstream: shop\n    timeouts: { idle: 5s }\n', 0],
    [
      'upstream: shop\n',
      'upstream: shop\n    rewrite: { request_headers: { set: { a: 1 } } }\n',
      1,
    ],
    ['upstream: shop\n', 'upstream: shop\n    limit: {}\n', 1],
    ['shop: {', 'Shop: {', 1],
    ['shop: { addresses: ["127.0.0.1:3000"] }', '{}', 1],
    ['issuers:', 'listen: { port: 70000 }\nissuers:', 1],
    ['issuers:', 'listen: { port: 8080, limit: { per_second: 1 } }\nissuers:', 0],
    ['issuers:', 'other: 1\nissuers:', 1],
    ['routes:', 'routs:', 2],
  ];
  const fine = () => undefined;
  const files = { resolve: (path: string) => path, pemFault: fine, keySetFault: fine };
  for (const [from, to, count] of edits) {
    const errors = validate('standalone', parse(SMALL_FILE.replace(from, to)));
    const problems = openFile(SMALL_FILE.replace(from, to), 'standalone', files).problems();
    const said = problems.map(({ message }) => message);
    assert.equal(problems.length, count, `${to}: ${said.join(' ')}`);
    assert.equal(errors.length > 0, count > 0, to);
  }
});
