/** The gateway's file while it runs: reloaded, reported, and never in use when it is invalid. */
import type { ServiceContext } from '@gatehouse/chassis';
import { type FollowedFile, followFile } from '../file/follow-file.ts';
import type { Reading } from '../file/open-file.ts';
import { problemText } from '../file/problem.ts';

/** The file, and what becomes of it. */
export interface LiveFileOptions<Value> {
  readonly path: string;
  /** The content in use. */
  readonly text: string;
  readonly read: (text: string) => Reading<Value>;
  /** Applies a new content. Where it throws, the previous one stays. */
  readonly take: (value: Value) => void | Promise<void>;
}

/**
 * Follows the file, and reloads it at once on SIGHUP. Errors are logged with line and column, and are in
 * `/readyz`, in the response of `GET /file`, and in the metric `gatehouse.gateway.file.refused`.
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
      log.info({ path }, 'file reloaded');
    },
    onBad: (problems, bad) => {
      refused = problems.map((problem) => problemText(problem, { name: path, text: bad }));
      for (const problem of refused)
        log.error({ path, problem }, 'file rejected, the previous one stays in use');
    },
  });
  context.readiness('file', () =>
    refused.length === 0 ? undefined : `${path} is invalid; the previous one stays in use`,
  );
  context.adminRoute({
    verb: 'GET',
    path: '/file',
    respond: () => ({ path, inForce: refused.length === 0, problems: refused }),
  });
  telemetry.meter
    .createObservableGauge('gatehouse.gateway.file.refused', {
      description: '1 while the file on disk is invalid and a previous one is in use',
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
