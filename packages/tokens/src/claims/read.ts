/** Readers of single claims. Each takes an own member only and refuses what is not of its form. */
import { TokenError } from '../errors.ts';
import { isObject, type JsonObject, own } from '../jws/strict-json.ts';

const MAX_TEXT = 512;
const MAX_LIST = 64;
/** 9999-12-31T23:59:59Z: a later time is a mistake of units. */
const MAX_SECONDS = 253_402_300_799;
// Visible ASCII, no space: identifiers end up in logs, metadata and headers.
const TEXT = /^[\x21-\x7e]+$/;
// RFC 6749, section 3.3; empty for no scope at all.
const SCOPE = /^(?:[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*)?$/;
const MAX_SCOPE = 4096;

/** Claims while they are put together, before they are frozen. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The one error for an invalid claim; names the claim, never its value. */
export function badClaim(name: string): TokenError {
  return new TokenError('claim', name);
}

/** 1 to 512 visible ASCII characters. */
export function text(object: JsonObject, name: string): string {
  const value = own(object, name);
  if (!isText(value)) throw badClaim(name);
  return value;
}

/** As {@link text}, or absent; null is not absent. */
export function optionalText(object: JsonObject, name: string): string | undefined {
  return own(object, name) === undefined ? undefined : text(object, name);
}

/** A whole number from 0 to `max`. */
export function count(object: JsonObject, name: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = own(object, name);
  if (!Number.isSafeInteger(value)) throw badClaim(name);
  const number = value as number;
  if (number < 0 || number > max) throw badClaim(name);
  return number;
}

/** As {@link count}, or absent. */
export function optionalCount(object: JsonObject, name: string, max?: number): number | undefined {
  return own(object, name) === undefined ? undefined : count(object, name, max);
}

/** A time: whole seconds from 1 to the end of the year 9999. Fractions (RFC 7519 has them) are refused. */
function seconds(object: JsonObject, name: string): number {
  const value = count(object, name, MAX_SECONDS);
  if (value === 0) throw badClaim(name);
  return value;
}

/** As {@link seconds}, or absent. */
export function optionalSeconds(object: JsonObject, name: string): number | undefined {
  return own(object, name) === undefined ? undefined : seconds(object, name);
}

/** Scopes with one space between each. */
export function scope(object: JsonObject): string {
  const value = own(object, 'scope');
  if (typeof value !== 'string' || value.length > MAX_SCOPE || !SCOPE.test(value)) {
    throw badClaim('scope');
  }
  return value;
}

/** A frozen list of at most 64 texts. */
export function textList(object: JsonObject, name: string): readonly string[] {
  const value = own(object, name);
  if (!Array.isArray(value) || value.length > MAX_LIST || !value.every(isText)) {
    throw badClaim(name);
  }
  return Object.freeze([...value]);
}

/** As {@link textList}, or absent. */
export function optionalTextList(object: JsonObject, name: string): readonly string[] | undefined {
  return own(object, name) === undefined ? undefined : textList(object, name);
}

/** A member that is itself an object. */
export function objectMember(object: JsonObject, name: string): JsonObject {
  const value = own(object, name);
  if (!isObject(value)) throw badClaim(name);
  return value;
}

/** `iat` and `exp`, of which the second is later. */
export function lifetime(object: JsonObject): { readonly iat: number; readonly exp: number } {
  const iat = seconds(object, 'iat');
  const exp = seconds(object, 'exp');
  if (exp <= iat) throw badClaim('exp');
  return { iat, exp };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT && TEXT.test(value);
}
