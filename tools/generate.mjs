/** `npm run generate`: the code of the contracts, from proto/ into packages/contracts/src/gen. */
import { generate } from './contracts/generate.ts';

await generate();
