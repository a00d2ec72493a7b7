/**
 * The change of the root while everything runs: the next one is accepted everywhere, then issues
 * every certificate, and only then is the previous one dropped. Requested by a file in the folder of
 * the authority, or due because the root will expire.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '../errors.ts';
import { readIfExists, writePrivate } from '../files.ts';
import { systemTiming, type Timing } from '../timing.ts';
import { type Authority, ROOT_MARGIN_MS } from './authority.ts';
import type { Identities } from './identities.ts';

/** The steps, in the order in which they are done. */
export type RootStep = 'announced' | 'adopted' | 'done';

/**
 * The wait after each step: every process checks its files once a second, and handshakes finish.
 */
export const ROOT_SETTLE_MS = 5_000;

const POLL_MS = 500;

interface ChangeRequest {
  readonly id: string;
  readonly settleMs: number;
}

interface Progress {
  /** Of the request. */
  readonly id: string;
  readonly step: RootStep | 'failed' | 'begun';
}

const requestFile = (folder: string) => join(folder, 'change-root.json');
const progressFile = (folder: string) => join(folder, 'change-root-progress.json');

export interface RootChanger {
  /** Changes the root now. One change at a time: a second call joins the first. */
  change(settleMs: number, onStep: (step: RootStep) => Promise<void>): Promise<void>;
  /** Takes one look: is a change requested, or due? Waits for it, or for the one that runs. */
  look(): Promise<void>;
  close(): void;
}

/** Creates it, and checks for requests twice a second. */
export function createRootChanger(options: {
  readonly folder: string;
  readonly authority: Authority;
  readonly identities: Identities;
  readonly timing: Timing;
  readonly onLine: (line: string) => void;
}): RootChanger {
  const { folder, authority, identities, timing, onLine } = options;
  const closing = new AbortController();
  let running: Promise<void> | undefined;

  const run: RootChanger['change'] = async (settleMs, onStep) => {
    const settle = () => timing.sleep(settleMs, closing.signal);
    await authority.announceNext();
    await identities.spreadBundle();
    await onStep('announced');
    await settle();
    // Stopped meanwhile: the next start finishes it.
    if (closing.signal.aborted) return;
    await authority.adoptNext();
    await identities.renewAll();
    await onStep('adopted');
    await settle();
    if (closing.signal.aborted) return;
    await authority.dropPrevious();
    await identities.spreadBundle();
    await onStep('done');
    onLine('certificate authority: root replaced');
  };

  const change: RootChanger['change'] = (settleMs, onStep) => {
    running ??= run(settleMs, onStep).finally(() => {
      running = undefined;
    });
    return running;
  };

  const look = async (): Promise<void> => {
    if (running !== undefined) return running;
    const request = parsed<ChangeRequest>(await readIfExists(requestFile(folder)));
    if (request !== undefined) {
      await rm(requestFile(folder), { force: true });
      const report = (step: Progress['step']) =>
        writePrivate(progressFile(folder), JSON.stringify({ id: request.id, step }));
      await report('begun');
      await change(request.settleMs, report).catch(async (thrown: unknown) => {
        await report('failed');
        throw thrown;
      });
    } else if (authority.expiresAtMs - timing.nowMs() < ROOT_MARGIN_MS) {
      await change(ROOT_SETTLE_MS, async () => undefined);
    }
  };

  const timer = setInterval(() => {
    if (running !== undefined) return;
    look().catch((error: unknown) =>
      onLine(`certificate authority: root change failed, retrying: ${String(error)}`),
    );
  }, POLL_MS).unref();
  return {
    change,
    look,
    close: () => {
      clearInterval(timer);
      closing.abort();
    },
  };
}

/**
 * Requests another root from the supervisor of a data folder, and waits until it is in use.
 *
 * @param folder of the authority: `layoutOf(dataDir).ca`.
 * @throws PlatformError when the change does not begin, or fails.
 */
export async function requestRootChange(
  folder: string,
  request: {
    readonly settleMs?: number;
    /** Default: the system's. */
    readonly timing?: Timing;
    readonly onStep?: (step: RootStep) => void;
  },
): Promise<void> {
  const { settleMs = ROOT_SETTLE_MS, timing = systemTiming } = request;
  const id = randomUUID();
  await writePrivate(requestFile(folder), JSON.stringify({ id, settleMs }));
  const deadlineMs = timing.nowMs() + 3 * settleMs + 30_000;
  let last: string | undefined;
  while (timing.nowMs() < deadlineMs) {
    const progress = parsed<Progress>(await readIfExists(progressFile(folder)));
    if (progress?.id === id && progress.step !== last) {
      const { step } = progress;
      last = step;
      if (step === 'failed') break;
      if (step !== 'begun') request.onStep?.(step);
      if (step === 'done') return;
    }
    await timing.sleep(POLL_MS / 5);
  }
  await rm(requestFile(folder), { force: true });
  throw new PlatformError(
    'The certificate authority did not change its root.',
    'The supervisor\'s log has the reason: "gatehouse logs supervisor". A restart finishes an interrupted change.',
  );
}

function parsed<T>(text: string | undefined): T | undefined {
  // Written by this file alone, and whole.
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
