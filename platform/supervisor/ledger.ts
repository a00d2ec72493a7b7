/** Keeps the state file equal to what runs. */
import { identityOf, type ProcessIdentity } from './processes.ts';
import { writeState } from './state.ts';

export interface Ledger {
  /** Notes the process of a part, or that it has none now. */
  note(part: string, process: ProcessIdentity | undefined): void;
  /** Resolves when all that was noted is on disk. */
  written(): Promise<void>;
}

/** @param onError told when the file cannot be written; what runs goes on. */
export function createLedger(dataDir: string, onError: (error: unknown) => void): Ledger {
  const supervisor = identityOf(process.pid);
  const processes = new Map<string, ProcessIdentity>();
  let last: Promise<void> = Promise.resolve();
  const save = () => {
    const state = {
      ...(supervisor === undefined ? {} : { supervisor }),
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
    written: () => last,
  };
}
