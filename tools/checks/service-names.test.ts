import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ROOT } from './command.ts';
import { typeScriptFiles } from './files.ts';
import { NAMES_ALLOWED, servicesOf } from './service-names.ts';
import { findingsOf } from './source-rules.ts';

const messagesOf = (file: string, text: string): readonly string[] =>
  findingsOf(file, text).map(({ message }) => message);

const NAMINGS = [
  "context.client('board');",
  "const path = '/board/v1/posts';",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
  'const path = `/board/v1/posts/${id}`;',
  "const method = 'gatehouse.board.v1.BoardService/GetPost';",
  "import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';",
  "import('@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts');",
];

test('a service is named in its own folder, its contract and tests only', () => {
  for (const text of NAMINGS) {
    for (const file of [
      'packages/chassis/src/a.ts',
      'services/gateway/src/a.ts',
      'platform/a.ts',
    ]) {
      assert.match(messagesOf(file, text)[0] ?? '', /the service board is named/, text);
    }
    for (const file of ['services/board/src/a.ts', 'tests/e2e/a.test.ts', 'bench/a/bench.ts']) {
      assert.deepEqual(messagesOf(file, text), [], text);
    }
  }
  for (const text of ["const auth = 'auth';", "const path = '/auth/v1/login';"]) {
    assert.deepEqual(messagesOf('platform/a.ts', text), [], 'the identity plane may be named');
  }
});

test('who says in its service.json that it needs a service may name it', () => {
  const extension = servicesOf().find(({ name }) => name === 'extension');
  assert.ok(extension?.neededBy.includes('services/core/'));
  assert.deepEqual(messagesOf('services/core/src/a.ts', "context.http('extension');"), []);
  assert.notDeepEqual(messagesOf('services/board/src/a.ts', "context.http('extension');"), []);
});

test('whatever is allowed has a reason, and is needed', () => {
  const files = typeScriptFiles();
  for (const { path, reason } of NAMES_ALLOWED) {
    assert.notEqual(reason, '');
    const below = files.filter((file) => file.startsWith(path));
    const named = below.flatMap((file) =>
      // As if it stood where nothing is allowed.
      messagesOf('packages/chassis/src/a.ts', readFileSync(ROOT + file, 'utf8')).filter((message) =>
        message.startsWith('the service '),
      ),
    );
    assert.notDeepEqual(named, [], `${path} names no service any more`);
  }
});
