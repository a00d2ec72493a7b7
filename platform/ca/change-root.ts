/**
 * The change of the root while everything runs: the next one is accepted everywhere, then issues
 * everyone's certificate, and only then is the one before dropped. Asked for by a file in the folder of
 * the authority, or due because the root will end.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '../errors.ts';
import { readIfThere, writePrivate } from '../files.ts';
import { systemTiming, type Timing } from '../timing.ts';
import { type Authority, ROOT_MARGIN_MS } from './authority.ts';
import type { Identities } from './identities.ts';

/** The steps, in the order in which they are done. */
export type RootStep = 'announced' | 'adopted' | 'done';

/**
 * How long is waited after each step: every process looks at its files once a second, and connections
 * that are being made finish.
 */
export const ROOT_SETTLE_MS = 5_000;

const LOOK_MS = 500;

interface Wish {
  readonly id: string;
  readonly settleMs: number;
}

interface Progress {
  /** Of the wish. */
  readonly id: string;
  readonly step: RootStep | 'failed' | 'begun';
}

const wishFile = (folder: string) => join(folder, 'change-root.json');
const progressFile = (folder: string) => join(folder, 'change-root-progress.json');

export interface RootChanger {
  /** Changes the root now. One change at a time: a second call joins the first. */
  change(settleMs: number, onStep: (step: RootStep) => Promise<void>): Promise<void>;
  /** Takes one look: is a change wished for, or due? Waits for it, or for the one that runs. */
  look(): Promise<void>;
  close(): void;
}

/** Makes it, and begins to look for wishes twice a second. */
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
    await authority.dropOld();
    await identities.spreadBundle();
    await onStep('done');
    onLine('the certificate authority has another root');
  };

  const change: RootChanger['change'] = (settleMs, onStep) => {
    running ??= run(settleMs, onStep).finally(() => {
      running = undefined;
    });
    return running;
  };

  const look = async (): Promise<void> => {
    if (running !== undefined) return running;
    const wish = parsed<Wish>(await readIfThere(wishFile(folder)));
    if (wish !== undefined) {
      await rm(wishFile(folder), { force: true });
      const tell = (step: Progress['step']) =>
        writePrivate(progressFile(folder), JSON.stringify({ id: wish.id, step }));
      await tell('begun');
      await change(wish.settleMs, tell).catch(async (thrown: unknown) => {
        await tell('failed');
        throw thrown;
      });
    } else if (authority.endsAtMs - timing.nowMs() < ROOT_MARGIN_MS) {
      await change(ROOT_SETTLE_MS, async () => undefined);
    }
  };

  const timer = setInterval(() => {
    if (running !== undefined) return;
    look().catch((error: unknown) => onLine(`the root could not be changed: ${String(error)}`));
  }, LOOK_MS).unref();
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
 * Asks the supervisor of a data folder for another root, and waits until it has it.
 *
 * @param folder of the authority: `layoutOf(dataDir).ca`.
 * @throws PlatformError when it does not begin, or fails.
 */
export async function requestRootChange(
  folder: string,
  wish: {
    readonly settleMs?: number;
    /** Default: the system's. */
    readonly timing?: Timing;
    readonly onStep?: (step: RootStep) => void;
  },
): Promise<void> {
  const { settleMs = ROOT_SETTLE_MS, timing = systemTiming } = wish;
  const id = randomUUID();
  await writePrivate(wishFile(folder), JSON.stringify({ id, settleMs }));
  const giveUpAtMs = timing.nowMs() + 3 * settleMs + 30_000;
  let last: string | undefined;
  while (timing.nowMs() < giveUpAtMs) {
    const progress = parsed<Progress>(await readIfThere(progressFile(folder)));
    if (progress?.id === id && progress.step !== last) {
      const { step } = progress;
      last = step;
      if (step === 'failed') break;
      if (step !== 'begun') wish.onStep?.(step);
      if (step === 'done') return;
    }
    await timing.sleep(LOOK_MS / 5);
  }
  await rm(wishFile(folder), { force: true });
  throw new PlatformError(
    'The certificate authority did not change its root.',
    'The supervisor\'s log says why: "gatehouse logs supervisor". A restart finishes a change that was begun.',
  );
}

function parsed<T>(text: string | undefined): T | undefined {
  // Written by this file alone, and whole.
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
