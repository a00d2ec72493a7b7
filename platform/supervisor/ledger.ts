/** Keeps the state file equal to what runs. */
import { identityOf, type ProcessIdentity } from './processes.ts';
import { type RunRecord, writeState } from './state.ts';

export interface Ledger {
  /** Notes the process of a part, or that it has none now. */
  note(part: string, process: ProcessIdentity | undefined): void;
  /** Notes that all of it is ready. */
  noteUp(nowMs: number): void;
  /** Notes that nothing is to run any more. */
  noteStopped(): void;
  /** Resolves when all that was noted is on disk. */
  written(): Promise<void>;
}

/** What a ledger is made from. */
export interface LedgerOptions {
  readonly dataDir: string;
  readonly run: RunRecord;
  /** Called when the file cannot be written; what runs keeps running. */
  readonly onError: (error: unknown) => void;
}

/** Writes down at once what was asked for, and from then on what runs. */
export function createLedger({ dataDir, run: asked, onError }: LedgerOptions): Ledger {
  let run = asked;
  let stopped = false;
  const supervisor = identityOf(process.pid);
  const processes = new Map<string, ProcessIdentity>();
  let last: Promise<void> = Promise.resolve();
  const save = () => {
    const state = {
      ...(supervisor === undefined || stopped ? {} : { supervisor }),
      ...(stopped ? {} : { run }),
      processes: Object.fromEntries(processes),
    };
    last = last.then(() => writeState(dataDir, state)).catch(onError);
  };
  save();
  return {
    note: (part, found) => {
      if (found === undefined) processes.delete(part);
      else processes.set(part, found);
      save();
    },
    noteUp: (upAtMs) => {
      run = { ...run, upAtMs };
      save();
    },
    noteStopped: () => {
      stopped = true;
      save();
    },
    written: () => last,
  };
}
