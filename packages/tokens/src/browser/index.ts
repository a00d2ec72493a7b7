/** `@gatehouse/tokens/browser`: for web pages; nothing of Node. */
export { type Clock, systemClock } from '../clock.ts';
export { TokenError, type TokenErrorCode } from '../errors.ts';
export type { JsonObject } from '../jws/json.ts';
export { decodeUnverified, type UnverifiedToken } from './decode.ts';
export { issuerAheadMs, type Lifetime, lifetimeOf, timeLeftMs } from './expiry.ts';
export { createTokenKeeper, type TokenKeeper, type TokenKeeperOptions } from './keeper.ts';
export {
  type BrowserVerifier,
  type BrowserVerifierOptions,
  createBrowserVerifier,
} from './verify.ts';
