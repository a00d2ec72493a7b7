/** The flag that says where the platform keeps its state. */
import { fileURLToPath } from 'node:url';

/** `.gatehouse` in the clone, from whatever folder the command is called. */
const DEFAULT = fileURLToPath(new URL('../../../../.gatehouse', import.meta.url));

export const DATA_FLAG = { type: 'string', default: DEFAULT } as const;
export const DATA_HELP = [
  '--data DIR',
  'the state folder (default .gatehouse in the clone)',
] as const;
