/**
 * Which passwords are accepted. After NIST SP 800-63B (5.1.1.2): length counts, composition rules do
 * not; what is on a list of common passwords, or easily derived from the context, is refused.
 */
import type { GatehouseError } from '@gatehouse/errors';
import { authErrors } from '../common/errors.ts';

/** Fewest and most characters (Unicode code points, after normalisation). */
const PASSWORD_LENGTH = { least: 12, most: 128 } as const;

// Shorter local parts are in many good passwords by chance.
const LEAST_LOCAL_PART = 4;
const LONGEST_REPEATED_UNIT = 4;
const SEQUENCES = [
  '0123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
];

/** A list of passwords that are tried first by anyone who guesses; entries in lower case. */
export interface CommonPasswords {
  has(lowerCasePassword: string): boolean;
}

/** What a new password is judged by. */
export interface PasswordContext {
  /** Normalised e-mail of the account. */
  readonly email: string;
  readonly common: CommonPasswords;
  /** JSON Pointer of the member that holds the password: `/password`. */
  readonly pointer: string;
}

/** The form of a password that is hashed and verified: NFKC, so that keyboards do not matter. */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/**
 * Refuses a password that is too short, too long, common, or holds the e-mail.
 *
 * @param password - normalised by {@link normalizePassword}.
 * @throws auth.password_length, auth.password_too_common or auth.password_holds_email, naming the
 *   member at fault and never the password.
 */
export function assertPasswordAcceptable(password: string, context: PasswordContext): void {
  const length = [...password].length;
  if (length < PASSWORD_LENGTH.least || length > PASSWORD_LENGTH.most) {
    throw fault(authErrors.PASSWORD_LENGTH, context, 'must have 12 to 128 characters');
  }
  const lower = password.toLowerCase();
  if (isCommon(lower, context.common)) {
    throw fault(authErrors.PASSWORD_TOO_COMMON, context, 'is too easy to guess: take another one');
  }
  if (holdsEmail(lower, context.email)) {
    throw fault(authErrors.PASSWORD_HOLDS_EMAIL, context, 'must not hold the e-mail');
  }
}

function fault(
  make: (options: { fields: { pointer: string; detail: string }[] }) => GatehouseError,
  context: PasswordContext,
  detail: string,
): GatehouseError {
  return make({ fields: [{ pointer: context.pointer, detail }] });
}

function isCommon(lower: string, common: CommonPasswords): boolean {
  const stem = lower.replace(/[^\p{L}]+$/u, '');
  // "password1234!" is "password" for anyone who guesses; a short stem says nothing.
  const stemIsCommon = stem.length >= 4 && common.has(stem);
  return common.has(lower) || stemIsCommon || isRepeatedUnit(lower) || isSequence(lower);
}

function isRepeatedUnit(text: string): boolean {
  for (let length = 1; length <= LONGEST_REPEATED_UNIT; length += 1) {
    const unit = text.slice(0, length);
    if (unit.repeat(Math.ceil(text.length / length)).startsWith(text)) return true;
  }
  return false;
}

// True for text that only walks along one known row, forwards or backwards, also round its end.
function isSequence(text: string): boolean {
  const reversed = [...text].reverse().join('');
  return SEQUENCES.some((row) => {
    const endless = row.repeat(Math.ceil(text.length / row.length) + 1);
    return endless.includes(text) || endless.includes(reversed);
  });
}

function holdsEmail(lower: string, email: string): boolean {
  const local = email.slice(0, email.lastIndexOf('@'));
  return lower.includes(email) || (local.length >= LEAST_LOCAL_PART && lower.includes(local));
}
