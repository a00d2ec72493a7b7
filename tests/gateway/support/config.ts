/** How much is tried: some in CI, all with `npm test -- --long tests/gateway`. */
const isLong = process.env.CHAOS_LONG === '1';

/** Requests whose bodies are compared. */
export const HASHED_REQUESTS = isLong ? 1_000_000 : 12_000;
/** Of the answer that nobody reads. */
export const UNREAD_BYTES = isLong ? 2 ** 30 : 2 ** 28;
