/**
 * Keeps one process running: starts it, waits until it is ready, restarts it when it exits, and stops
 * it when asked.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { backOffMs } from '@gatehouse/runtime';
import { PlatformError } from '../errors.ts';
import { seconds, type Timing } from '../timing.ts';
import { lastLines } from './log-files.ts';
import { identityOf, type ProcessIdentity } from './processes.ts';

/** How to run a part, and how to tell that it is ready. */
export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly stopSignal: NodeJS.Signals;
  /** An IPC channel, whose end tells the process that its supervisor is gone. */
  readonly ipc: boolean;
  ready(pid: number): Promise<boolean>;
  /** Before each start. */
  prepare?(): Promise<void>;
}

export interface RunnerEvents {
  onLine(line: string): void;
  /** The process that runs now, or none; for the state file. */
  onProcess(process: ProcessIdentity | undefined): void;
}

export type RunnerState = 'starting' | 'ready' | 'restarting' | 'stopped';

export interface Runner {
  readonly name: string;
  readonly pid: number | undefined;
  readonly state: RunnerState;
  /** @throws PlatformError with its last log lines when it exits three times before it is ready, or takes too long. */
  start(): Promise<void>;
  /** Stops it for good: its stop signal, then SIGKILL after twelve seconds. */
  stop(): Promise<void>;
  /** Sends a signal as an accident would; the runner then restarts it. */
  kill(signal: NodeJS.Signals): void;
}

/** Between restarts. After a process was ready for longer than the longest, the first is used again. */
// Nothing random: processes here do not fail together because of one lost server.
const BACK_OFF = { firstMs: 500, maxMs: 10_000, random: () => 1 };
const START_ATTEMPTS = 3;
const START_TIMEOUT_MS = 60_000;
// Ten seconds for what is in flight (every service's own limit), and a little for the rest.
const STOP_GRACE_MS = 12_000;
const POLL_MS = 25;
/** sysexits.h EX_CONFIG: a setting is wrong, and a retry cannot succeed. */
const EXIT_CONFIG = 78;

export function createRunner(plan: ProcessPlan, events: RunnerEvents, timing: Timing): Runner {
  let state: RunnerState = 'stopped';
  let child: ChildProcess | undefined;
  let failures = 0;
  const stopping = new AbortController();

  /** One life of the process: resolves with how it ended; `onReady` is called if it becomes ready. */
  const live = async (onReady: (tookMs: number) => void): Promise<Ending> => {
    await plan.prepare?.();
    if (stopping.signal.aborted) return { how: 'stopped', code: undefined };
    const startedMs = timing.nowMs();
    const process = launch(plan);
    child = process;
    const ended = endingOf(process);
    const { pid } = process;
    if (pid !== undefined) {
      events.onProcess(identityOf(pid));
      if (await becomesReady(pid, ended)) {
        events.onProcess(identityOf(pid)); // a helper has become the program by now
        onReady(timing.nowMs() - startedMs);
      }
    }
    const ending = await ended;
    child = undefined;
    events.onProcess(undefined);
    return ending;
  };

  const becomesReady = async (pid: number, ended: Promise<Ending>): Promise<boolean> => {
    const over = new AbortController();
    void ended.then(() => over.abort());
    while (!over.signal.aborted) {
      if (await plan.ready(pid).catch(() => false)) return !over.signal.aborted;
      await timing.sleep(POLL_MS, over.signal);
    }
    return false;
  };

  /** From the first exit after having been ready, until stopped. */
  const keepAlive = async (firstEnding: Ending): Promise<void> => {
    let ending = firstEnding;
    while (!stopping.signal.aborted) {
      state = 'restarting';
      failures += 1;
      const waitMs = backOffMs(failures, BACK_OFF);
      events.onLine(`${plan.name} exited (${ending.how}), restarting in ${seconds(waitMs)}`);
      await timing.sleep(waitMs, stopping.signal);
      if (stopping.signal.aborted) return;
      ending = await restartOnce();
    }
  };

  const restartOnce = async (): Promise<Ending> => {
    let readyAtMs: number | undefined;
    const ending = await live((tookMs) => {
      readyAtMs = timing.nowMs();
      state = 'ready';
      events.onLine(`${plan.name} is ready again (${seconds(tookMs)})`);
    }).catch((thrown: unknown): Ending => ({ how: String(thrown), code: undefined }));
    if (readyAtMs !== undefined && timing.nowMs() - readyAtMs > BACK_OFF.maxMs) {
      failures = 0;
    }
    return ending;
  };

  const start = async (): Promise<void> => {
    state = 'starting';
    for (let attempt = 1; ; attempt += 1) {
      const logStart = sizeOf(plan.logFile);
      const first = await firstLife();
      if (first === 'ready' || stopping.signal.aborted) return;
      if (attempt === START_ATTEMPTS || first.code === EXIT_CONFIG || first.how === TOO_LATE) {
        throw await startFailure(plan, first, logStart);
      }
      const waitMs = backOffMs(1, BACK_OFF);
      events.onLine(`${plan.name} exited (${first.how}), restarting in ${seconds(waitMs)}`);
      await timing.sleep(waitMs, stopping.signal);
    }
  };

  const firstLife = (): Promise<'ready' | Ending> =>
    new Promise((resolve, reject) => {
      const timeout = new AbortController();
      const life = live(() => {
        timeout.abort();
        state = 'ready';
        resolve('ready');
        void life.then(keepAlive);
      });
      life.then(resolve, reject).finally(() => timeout.abort());
      void timing.sleep(START_TIMEOUT_MS, timeout.signal).then(() => {
        if (timeout.signal.aborted) return;
        child?.kill('SIGKILL');
        resolve({ how: TOO_LATE, code: undefined });
      });
    });

  const stop = async (): Promise<void> => {
    stopping.abort();
    state = 'stopped';
    const process = child;
    if (process === undefined) return;
    const ended = endingOf(process);
    process.kill(plan.stopSignal);
    const over = new AbortController();
    void timing.sleep(STOP_GRACE_MS, over.signal).then(() => {
      if (!over.signal.aborted) process.kill('SIGKILL');
    });
    await ended;
    over.abort();
  };

  return {
    name: plan.name,
    get pid() {
      return child?.pid;
    },
    get state() {
      return state;
    },
    start,
    stop,
    kill: (signal) => {
      child?.kill(signal);
    },
  };
}

interface Ending {
  /** `'exit code 1'`, `'signal SIGKILL'`. */
  readonly how: string;
  readonly code: number | undefined;
}

const TOO_LATE = `not ready after ${seconds(START_TIMEOUT_MS)}`;

function launch(plan: ProcessPlan): ChildProcess {
  const log = openSync(plan.logFile, 'a', 0o600);
  try {
    return spawn(plan.command, plan.args, {
      cwd: plan.cwd,
      env: plan.env,
      // A group of its own: Ctrl-C in the terminal reaches only the supervisor, which stops all in order.
      detached: true,
      stdio: ['ignore', log, log, ...(plan.ipc ? (['ipc'] as const) : [])],
      ...(plan.uid === undefined ? {} : { uid: plan.uid }),
      ...(plan.gid === undefined ? {} : { gid: plan.gid }),
    });
  } finally {
    closeSync(log);
  }
}

function endingOf(process: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    const exited = (code: number | null, signal: NodeJS.Signals | null) =>
      resolve({
        how: signal === null ? `exit code ${code}` : `signal ${signal}`,
        code: code ?? undefined,
      });
    if (process.exitCode !== null || process.signalCode !== null) {
      exited(process.exitCode, process.signalCode);
    }
    process.once('exit', exited);
    process.once('error', (error) => resolve({ how: error.message, code: undefined }));
  });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

async function startFailure(
  plan: ProcessPlan,
  ending: Ending,
  logStart: number,
): Promise<PlatformError> {
  const lines = await lastLines(plan.logFile, 12, logStart).catch(() => []);
  return new PlatformError(
    [`${plan.name} failed to start (${ending.how}). Its last log lines:`, ...lines].join('\n  '),
    `The whole log is ${plan.logFile}. When the data folder itself is damaged, "gatehouse reset" deletes it.`,
  );
}
