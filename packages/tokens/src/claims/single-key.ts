import type { JsonObject } from '../jws/strict-json.ts';
import { lifetime, text } from './read.ts';

/** The claims of a token of an issuer with a single key: who, and until when. All times in seconds. */
export interface SingleKeyClaims {
  readonly iss: string;
  /** The client. */
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
}

/** @throws TokenError `claim`. Issuer and time are not checked. */
export function readSingleKeyClaims(payload: JsonObject): SingleKeyClaims {
  const { iat, exp } = lifetime(payload);
  return Object.freeze({ iss: text(payload, 'iss'), sub: text(payload, 'sub'), iat, exp });
}
