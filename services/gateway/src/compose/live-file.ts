/** The gateway's file while it runs: read again, told about, and never in force when it is wrong. */
import type { ServiceContext } from '@gatehouse/chassis';
import { type FollowedFile, followFile } from '../file/follow-file.ts';
import type { Reading } from '../file/open-file.ts';
import { problemText } from '../file/problem.ts';

/** The file, and what becomes of it. */
export interface LiveFileOptions<Value> {
  readonly path: string;
  /** That is in force. */
  readonly text: string;
  readonly read: (text: string) => Reading<Value>;
  /** Takes a new content up. Where it throws, the last one stays. */
  readonly take: (value: Value) => void | Promise<void>;
}

/**
 * Follows the file, and reads it at once on SIGHUP. What was refused is logged with line and column, is
 * a remark in `/readyz`, the answer of `GET /file`, and the metric `gatehouse.gateway.file.refused`.
 */
export function keepFile<Value>(
  context: Pick<ServiceContext, 'log' | 'onClose' | 'readiness' | 'adminRoute' | 'telemetry'>,
  { path, text, read, take }: LiveFileOptions<Value>,
): FollowedFile {
  const { log, telemetry } = context;
  let refused: readonly string[] = [];
  const file = followFile(text, {
    path,
    read,
    onGood: async (value) => {
      await take(value);
      refused = [];
      log.info({ path }, 'the file was taken up');
    },
    onBad: (problems, bad) => {
      refused = problems.map((problem) => problemText(problem, { name: path, text: bad }));
      for (const problem of refused) log.error({ path, problem }, 'the file is not in force');
    },
  });
  context.readiness('file', () =>
    refused.length === 0 ? undefined : `${path} is refused; what was in force goes on`,
  );
  context.adminRoute({
    verb: 'GET',
    path: '/file',
    respond: () => ({ path, inForce: refused.length === 0, problems: refused }),
  });
  telemetry.meter
    .createObservableGauge('gatehouse.gateway.file.refused', {
      description: '1 while the file on disk is wrong and an earlier one is in force',
    })
    .addCallback((gauge) => gauge.observe(refused.length === 0 ? 0 : 1));
  const reload = (): void => void file.reload();
  process.on('SIGHUP', reload);
  context.onClose(async () => {
    process.off('SIGHUP', reload);
    file.close();
  });
  file.start();
  return file;
}
