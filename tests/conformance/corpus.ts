/** The corpus: the published vectors, as data. */
import { readFileSync } from 'node:fs';
import type { JwkSet } from '@gatehouse/tokens';

/** One token, and what is to be made of it. */
export interface Vector {
  readonly name: string;
  readonly token: string;
  /** The published attack that a bad one is an instance of. */
  readonly attack?: string;
  /** Absent for a good one. */
  readonly error?: string;
}

/** Tokens of one kind, with what a verifier has to be told. */
export interface Corpus {
  readonly alg: 'RS256' | 'ES256';
  readonly typ: string;
  readonly issuer: string;
  readonly audience: string;
  readonly nowMs: number;
  readonly keySet: JwkSet;
  readonly vectors: readonly Vector[];
}

interface Document {
  readonly issuer?: string;
  readonly audience?: string;
  readonly trustDomain?: string;
  readonly nowSeconds: number;
  readonly keySet: JwkSet;
  readonly vectors: readonly Vector[];
}

function read(name: string): Document {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
}

function issued(name: string): Corpus {
  const { issuer = '', audience = '', nowSeconds, keySet, vectors } = read(name);
  return {
    alg: 'RS256',
    typ: 'at+jwt',
    issuer,
    audience,
    nowMs: nowSeconds * 1000,
    keySet,
    vectors,
  };
}

export const accessTokens = issued('access-tokens');
export const serviceTokens = issued('service-tokens');
export const passports = gatewaysPassports();

/** Those that say they are the gateway's: others cannot tie an issuer to a key. */
function gatewaysPassports(): Corpus {
  const { trustDomain = '', nowSeconds, keySet, vectors } = read('passports');
  return {
    alg: 'ES256',
    typ: 'txntoken+jwt',
    issuer: `spiffe://${trustDomain}/gateway`,
    audience: trustDomain,
    nowMs: nowSeconds * 1000,
    keySet,
    vectors: vectors.filter(({ name, error }) => error !== undefined || !name.includes('by auth')),
  };
}
