/** docs/errors.md against the code: each code of each component has its row, and no other has one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { errorCatalogue, GatehouseError, KINDS } from '@gatehouse/errors';
import { statusOf } from '../../services/gateway/src/errors.ts';
import { filesEndingIn, ROOT } from './support/files.ts';

const PAGE = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
const CODE = /^`([a-z_]+\.[a-z0-9_]+)`$/;
const KIND = /^`([A-Z_]+)`$/;

/** The cells of each table row of the page. */
const ROWS = PAGE.split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));

// Declared errors join the catalogue when their module is loaded, wherever it is.
before(async () => {
  const declares = (file: string) =>
    !/\.test\.ts$|\/test-support\/|^tests\//.test(file) &&
    /^export const \w+ = defineErrors\(/m.test(readFileSync(join(ROOT, file), 'utf8'));
  for (const file of filesEndingIn('.ts').filter(declares)) {
    await import(pathToFileURL(join(ROOT, file)).href);
  }
});

test('each code has one row with its status, kind and message', () => {
  const written = ROWS.filter(([code = '']) => CODE.test(code));
  const expected = [...errorCatalogue().values()].map((definition) => {
    const [status] = statusOf(new GatehouseError(definition));
    const { code, kind, message } = definition;
    return `| \`${code}\` | ${status} | \`${kind}\` | ${message} |`;
  });
  const shown = written.map((cells) => `| ${cells.slice(0, 4).join(' | ')} |`);
  const missing = expected.filter((row) => !shown.includes(row));
  const tooMuch = shown.filter((row) => !expected.includes(row));
  assert.deepEqual(missing, [], `write into docs/errors.md:\n${missing.join('\n')}`);
  assert.deepEqual(tooMuch, [], `take out of docs/errors.md:\n${tooMuch.join('\n')}`);
  assert.equal(shown.length, expected.length, 'a code has two rows');
});

test('each row says what to do', () => {
  const written = ROWS.filter(([code = '']) => CODE.test(code));
  for (const [code, , , , advice = ''] of written) {
    assert.ok(advice.length > 10, `${code}: what is the reader to do?`);
  }
});

test('the table of kinds is the one of the code', () => {
  const shown = ROWS.flatMap(([kind = '', grpcCode, httpStatus]) => {
    const name = KIND.exec(kind)?.[1];
    return name === undefined ? [] : [[name, Number(grpcCode), Number(httpStatus)]];
  });
  const expected = Object.entries(KINDS).map(([name, { grpcCode, httpStatus }]) => [
    name,
    grpcCode,
    httpStatus,
  ]);
  assert.deepEqual(shown, expected);
});
