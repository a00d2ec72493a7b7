/** Keys as people read them. */
import {
  type KeyInfo,
  KeyPurpose,
  KeyState,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { duration, table } from '../text.ts';

type Timestamp = KeyInfo['createdAt'];

const STATES: Readonly<Record<number, string>> = {
  [KeyState.PUBLISHED]: 'published',
  [KeyState.SIGNING]: 'signing',
  [KeyState.RETIRING]: 'retiring',
  [KeyState.RETIRED]: 'retired',
  [KeyState.REVOKED]: 'revoked',
};

/** A key as `--json` shows it. */
export function keyJson(key: KeyInfo) {
  return {
    kid: key.kid,
    purpose: purposeOf(key),
    state: stateOf(key),
    ...(key.gateway === '' ? {} : { gateway: key.gateway }),
    createdAt: isoOf(key.createdAt),
    signsFrom: isoOf(key.signsFrom),
    ...(key.publishedUntil === undefined ? {} : { publishedUntil: isoOf(key.publishedUntil) }),
  };
}

/** Those that matter still, unless all are asked for. */
export function keyTable(keys: readonly KeyInfo[], { all }: { readonly all: boolean }): string {
  const shown = keys.filter(({ state }) => {
    return all || (state !== KeyState.RETIRED && state !== KeyState.REVOKED);
  });
  const rows = shown.map((key) => [
    key.kid,
    purposeOf(key),
    key.gateway === '' ? 'auth' : (key.gateway.split('/').at(-1) ?? ''),
    stateOf(key),
    whatNext(key),
  ]);
  return table(['kid', 'signs', 'of', 'state', ''], rows).join('\n');
}

export function rotatedScreen(key: KeyInfo, emergency: boolean): string {
  const head = `A new key signs ${purposeOf(key)} tokens: ${key.kid}`;
  if (emergency) {
    return [
      `${head}.`,
      'Every other one is revoked: nothing that it signed is accepted any more. Who is signed in',
      'refreshes by itself.',
    ].join('\n');
  }
  return [
    `A new key for ${purposeOf(key)} tokens is published: ${key.kid}.`,
    `It signs from ${isoOf(key.signsFrom)}, ${ahead(key.signsFrom)}; the one before stays published until its last`,
    'token has ended. Nothing has to be restarted.',
  ].join('\n');
}

function whatNext({ state, gateway, signsFrom, publishedUntil }: KeyInfo): string {
  if (gateway !== '') return `leased, renewed by ${isoOf(publishedUntil)}`;
  switch (state) {
    case KeyState.PUBLISHED:
      return `signs ${ahead(signsFrom)}`;
    case KeyState.RETIRING:
      return `published until ${isoOf(publishedUntil)}`;
    case KeyState.SIGNING:
      return `since ${isoOf(signsFrom)}`;
    default:
      return '';
  }
}

function purposeOf({ purpose }: KeyInfo): string {
  return purpose === KeyPurpose.ACCESS ? 'access' : 'passport';
}

function stateOf({ state }: KeyInfo): string {
  return STATES[state] ?? 'unknown';
}

function isoOf(at: Timestamp): string {
  return at === undefined ? '-' : new Date(Number(at.seconds) * 1000).toISOString();
}

function ahead(at: Timestamp): string {
  const ms = Number(at?.seconds ?? 0n) * 1000 - Date.now();
  return ms <= 0 ? 'now' : `in ${duration(ms)}`;
}
