/**
 * `npm run generate`: what follows from proto/ and from the folders of services/: the code of the contracts
 * in packages/contracts/src/gen, and the lock file.
 */
import { ROOT } from './checks/command.ts';
import { generate } from './contracts/generate.ts';
import { updateLock } from './services/lock.ts';

await generate();
updateLock(ROOT);
