/** How much is tried: some in CI, all with `npm test -- --long tests/gateway`. */
const isLong = process.env.CHAOS_LONG === '1';

/** Requests whose bodies are compared. */
export const HASHED_REQUESTS = isLong ? 1_000_000 : 12_000;
/** Of each transport. */
export const MUTATED_REQUESTS = isLong ? 20_000 : 2000;
/** How often the file is read again under load. */
export const RELOADS = isLong ? 100 : 15;
export const RELOAD_EVERY_MS = isLong ? 3000 : 600;
/** How often an upstream is killed under load. */
export const KILL_EVERY_MS = isLong ? 5000 : 2500;
export const SOAK_PER_SECOND = isLong ? 500 : 150;
/** Of the answer that nobody reads. */
export const UNREAD_BYTES = isLong ? 2 ** 30 : 2 ** 28;
