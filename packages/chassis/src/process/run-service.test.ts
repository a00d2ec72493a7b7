/** A service as a process: exit codes, signals, the supervisor's channel. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTestAuthority, startTestService, type TestAuthority } from '@gatehouse/testing';
import { ConfigError } from '../config/errors.ts';

const MAIN = `
import { runService } from '@gatehouse/chassis';
await runService({ name: 'board', build: async (context) => {
  context.onClose(async () => context.log.info('closed by its owner'));
  return { implementations: [] };
} });`;

let authority: TestAuthority;
let tlsFolder: string;

before(async () => {
  authority = await createTestAuthority();
  tlsFolder = await authority.folderFor('board');
});

after(() => authority.close());

interface Process {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves when the output holds the text. */
  readonly says: (text: string) => Promise<void>;
  readonly exit: Promise<unknown[]>;
}

function start(env: Record<string, string>): Process {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', MAIN], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      GATEHOUSE_TRUST_DOMAIN: 'gatehouse.local',
      GATEHOUSE_TLS_DIR: tlsFolder,
      GATEHOUSE_ADMIN_PORT: '0',
      ...env,
    },
  });
  let output = '';
  const changed = new EventTarget();
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    changed.dispatchEvent(new Event('output'));
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const says = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(changed, 'output');
  };
  return { child, output: () => output, says, exit: once(child, 'exit') };
}

test('TERM drains and exits 0, also when it comes twice', async () => {
  const { child, says, exit } = start({});
  await says('started');
  child.kill('SIGTERM');
  child.kill('SIGTERM');
  await says('closed by its owner');
  assert.deepEqual(await exit, [0, null]);
});

test('the end of its supervisor ends a supervised process', async () => {
  const { child, says, exit } = start({ GATEHOUSE_SUPERVISED: '1' });
  await says('started');
  child.disconnect();
  assert.deepEqual(await exit, [0, null]);
});

test('a wrong setting is told on one line, exit 78', async () => {
  const { output, says, exit } = start({ GATEHOUSE_ADMIN_PORT: 'hunter2' });
  await says('\n');
  assert.deepEqual(await exit, [78, null]);
  assert.match(output(), /^board cannot start: GATEHOUSE_ADMIN_PORT must be a TCP port.*\n$/);
  assert.ok(!output().includes('hunter2'));
});

test('the certificate of another workload is a wrong setting', async () => {
  const folder = await authority.folderFor('auth');
  await assert.rejects(
    startTestService({
      name: 'board',
      authority,
      env: { GATEHOUSE_TLS_DIR: folder },
      build: async () => ({ implementations: [] }),
    }),
    (error) => error instanceof ConfigError && /spiffe:\/\/.*\/board/.test(error.message),
  );
});

test('a service whose certificate has expired says that it is not ready', async () => {
  const names = [{ type: 'url' as const, value: 'spiffe://gatehouse.local/board' }];
  const ended = await authority.issue({ names, endsInMs: -60_000 });
  const service = await startTestService({
    name: 'board',
    authority,
    env: { GATEHOUSE_TLS_DIR: await authority.folderWith(ended) },
    build: async () => ({ implementations: [] }),
  });
  const response = await fetch(`${service.adminUrl}/readyz`);
  assert.equal(response.status, 503);
  assert.match(
    await response.text(),
    /"certificate":\{"ok":false,"note":"the certificate has expired"/,
  );
  await service.close();
});

test('a start that fails closes what was open, last first', async () => {
  const closed: string[] = [];
  const failing = startTestService({
    name: 'board',
    authority,
    build: async (context) => {
      context.onClose(async () => void closed.push('first'));
      context.onClose(async () => void closed.push('second'));
      throw new Error('no shelf');
    },
  });
  await assert.rejects(failing, /no shelf/);
  assert.deepEqual(closed, ['second', 'first']);
});

test('listeners of its own start last and stop first', async () => {
  const steps: string[] = [];
  const service = await startTestService({
    name: 'gateway',
    authority,
    build: async (context) => {
      steps.push('build');
      context.onClose(async () => void steps.push('close'));
      return {
        implementations: [],
        listeners: [
          {
            name: 'edge',
            start: async () => void steps.push('start'),
            stop: async (graceMs) => void steps.push(`stop ${graceMs}`),
          },
        ],
      };
    },
  });
  assert.equal(service.grpcPort, undefined);
  await service.close();
  assert.deepEqual(steps, ['build', 'start', 'stop 10000', 'close']);
});
