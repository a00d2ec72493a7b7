/** How long accidents last: short in CI, a minute with `npm test -- --long tests/chaos`. */
const isLong = process.env.CHAOS_LONG === '1';

/** How long auth stays away. */
export const AUTH_AWAY_MS = isLong ? 60_000 : 10_000;
/** How long Postgres stays away. */
export const POSTGRES_AWAY_MS = isLong ? 20_000 : 4000;
/** How often a copy is killed. */
export const COPY_DEATHS = isLong ? 10 : 3;
/** How many people have an asset while the batch is hurt. */
export const BATCH_USERS = isLong ? 10_000 : 2_000;
