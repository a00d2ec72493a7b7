import { cpus } from 'node:os';

/** Password hashes that auth lets run at once on this machine: as many as cores, less one. */
export const AT_ONCE = Math.max(1, cpus().length - 1);
