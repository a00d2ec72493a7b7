/** Whether a process can be given work: named checks, and the phase that it is in. */

/** How long one check may take before it counts as failed. */
const CHECK_TIMEOUT_MS = 2_000;

/**
 * A check of readiness: it passes by returning and fails by throwing. A text that it returns is shown as
 * a remark. Run at each `/readyz`.
 */
export type ReadinessCheck = () => unknown;

/** What one check said. */
export interface CheckResult {
  readonly ok: boolean;
  /** Why not, or a remark of a check that passed. */
  readonly note?: string;
}

/** Whether the process can be given work. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Named checks that all have to pass, and whether the process is starting or stopping. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();
  #phase: 'starting' | 'running' | 'stopping' = 'starting';

  /** @throws Error when the name is taken. */
  add(name: string, check: ReadinessCheck): void {
    if (this.#checks.has(name)) throw new Error(`a readiness check ${name} exists already`);
    this.#checks.set(name, check);
  }

  started(): void {
    if (this.#phase === 'starting') this.#phase = 'running';
  }

  stopping(): void {
    this.#phase = 'stopping';
  }

  /** Runs every check, at once, each for two seconds at most. */
  async report(): Promise<ReadinessReport> {
    const names = [...this.#checks.keys()];
    const results = await Promise.all([...this.#checks.values()].map(runCheck));
    const checks: Record<string, CheckResult> = {
      process: { ok: this.#phase === 'running', note: this.#phase },
    };
    for (const [index, name] of names.entries()) checks[name] = results[index] ?? { ok: false };
    return { ready: Object.values(checks).every(({ ok }) => ok), checks };
  }
}

async function runCheck(check: ReadinessCheck): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), CHECK_TIMEOUT_MS);
  });
  try {
    const note = await Promise.race([(async () => check())(), timeout]);
    return typeof note === 'string' ? { ok: true, note } : { ok: true };
  } catch (error) {
    return { ok: false, note: error instanceof Error ? error.message : 'failed' };
  } finally {
    clearTimeout(timer);
  }
}
