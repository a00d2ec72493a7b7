import { dictionary } from '@zxcvbn-ts/language-common';
import type { CommonPasswords } from './rules.ts';

/** Some 49,000 passwords that leaked most often, lower case; read once, some 13 MB of heap. */
export function loadCommonPasswords(): CommonPasswords {
  return new Set(dictionary['passwords-common'].map((password) => password.toLowerCase()));
}
