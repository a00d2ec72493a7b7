/** The example of the guide on interceptors, as it stands there, around the handlers of a service. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Interceptor } from '@gatehouse/chassis';
import { dial } from '@gatehouse/chassis/dial';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import {
  createTestAuthority,
  createTestIssuer,
  implementPartly,
  startTestService,
} from '@gatehouse/testing';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Example {
  readonly atMost: (calls: number) => Interceptor;
}

/** Node strips the types of the first block of the guide; the test of all examples compiles it. */
async function exampleOf(guide: string): Promise<Example> {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, guide), 'utf8')) ?? [];
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache/guide-'));
  const path = join(folder, 'example.ts');
  writeFileSync(path, code);
  try {
    return await import(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the example lets one call through at a time, and ends its count with the call', async (t) => {
  const { atMost } = await exampleOf('docs/guides/add-an-interceptor.md');
  const authority = await createTestAuthority();
  const issuer = createTestIssuer();
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const service = await startTestService({
    name: 'board',
    authority,
    build: async () => ({
      passports: issuer.gate(),
      interceptors: [atMost(1)],
      implementations: [
        implementPartly(BoardService, {
          getPost: async ({ postId }) => {
            begun.resolve();
            await held.promise;
            return { postId };
          },
        }),
      ],
    }),
  });
  const { client: board, close } = dial(BoardService, {
    tlsFolder: await authority.folderFor('gateway'),
    addresses: [`localhost:${service.grpcPort}`],
  });
  t.after(async () => {
    close();
    await service.close();
    await authority.close();
  });
  const passport = issuer.passport({ scope: 'board:read' });
  const first = board.getPost({ postId: 'p1' }, { passport });
  await begun.promise;
  const second = board.getPost({ postId: 'p2' }, { passport });
  await assert.rejects(second, { code: 'quota.busy', retryAfterSeconds: 1 });
  held.resolve();
  assert.equal((await first).postId, 'p1');
  assert.equal((await board.getPost({ postId: 'p3' }, { passport })).postId, 'p3');
});
