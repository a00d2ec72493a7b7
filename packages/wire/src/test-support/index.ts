export { type Random, randomFrom } from './random.ts';
export { INVALID, VALID } from './responses.ts';
