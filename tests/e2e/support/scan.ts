/** Looks for secrets in bytes: each known one in every form it may take, and what looks like one. */
import type { Secret } from './ledger.ts';

/** What was found, without the secret itself, so that it can be printed. */
export interface Finding {
  /** `'refresh token, as hex of its bytes'`. */
  readonly what: string;
  /** What stands before it, for whoever must find the leak. */
  readonly before: string;
}

interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

/** Text that is a secret whoever made it: tokens and keys that never leave their process. */
const SHAPES: readonly (readonly [string, RegExp])[] = [
  ['a signed token', /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{32,}/g],
  ['a private key in PEM', /-----BEGIN [A-Z ]*PRIVATE KEY-----/g],
  ['a private JWK', /\\?"d\\?"\s*:\s*\\?"[\w-]{40,}/g],
  // PKCS #8: version 0, then rsaEncryption or id-ecPublicKey (RFC 5208, RFC 3279).
  ['a private RSA key in DER', /02010030(?:0d)06092a864886f70d010101/g],
  ['a private EC key in DER', /02010030(?:13)06072a8648ce3d0201/g],
];

const SHORTEST_SECRET = 8;

/**
 * Makes a scanner for these secrets. It reads bytes once, however many secrets there are.
 *
 * Forms: as it is, in base64, in hex, and for one that is itself base64 the bytes behind it in hex
 * and base64; of a signed token its signature alone, since that is what makes it one.
 *
 * @throws Error for a secret too short to be looked for.
 */
export function createScanner(secrets: readonly Secret[]): (bytes: Buffer) => readonly Finding[] {
  const byStart = new Map<number, Needle[]>();
  for (const needle of secrets.flatMap(needlesOf)) {
    const start = needle.bytes.readUInt32LE(0);
    byStart.set(start, [...(byStart.get(start) ?? []), needle]);
  }
  return (bytes) => [...known(bytes, byStart), ...shaped(bytes)];
}

function known(bytes: Buffer, byStart: ReadonlyMap<number, readonly Needle[]>): Finding[] {
  const findings: Finding[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 1) {
    for (const needle of byStart.get(bytes.readUInt32LE(at)) ?? []) {
      const there = bytes.subarray(at, at + needle.bytes.length);
      if (there.equals(needle.bytes))
        findings.push({ what: needle.what, before: before(bytes, at) });
    }
  }
  return findings;
}

function shaped(bytes: Buffer): Finding[] {
  const text = bytes.toString('latin1');
  return SHAPES.flatMap(([what, shape]) =>
    [...text.matchAll(shape)].map(({ index }) => ({ what, before: before(bytes, index) })),
  );
}

function needlesOf({ kind, value }: Secret): readonly Needle[] {
  const text = value.split('.').length === 3 ? (value.split('.')[2] ?? '') : value;
  if (text.length < SHORTEST_SECRET) throw new Error(`a ${kind} is too short to be looked for`);
  const forms: [string, string][] = [
    ['as it is', text],
    ['in base64', Buffer.from(text).toString('base64').replace(/=+$/, '')],
    ['in hex', Buffer.from(text).toString('hex')],
  ];
  const raw = Buffer.from(text, 'base64url');
  const isBase64 = /^[\w+/-]{22,}={0,2}$/.test(text) && raw.length >= 16;
  if (isBase64) {
    forms.push(
      ['in hex, its bytes', raw.toString('hex')],
      ['in base64, its bytes', raw.toString('base64').replace(/=+$/, '')],
      ['in base64url, its bytes', raw.toString('base64url')],
    );
  }
  // Two forms may be the same text, which is found once.
  return [...new Map(forms.reverse().map(([form, needle]) => [needle, form]))].map(
    ([needle, form]) => ({ what: `${kind}, ${form}`, bytes: Buffer.from(needle) }),
  );
}

function before(bytes: Buffer, at: number): string {
  return bytes.subarray(Math.max(0, at - 120), at).toString('latin1');
}
