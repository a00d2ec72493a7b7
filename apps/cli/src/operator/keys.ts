/** Keys as people read them. */
import {
  type KeyInfo,
  KeyPurpose,
  KeyState,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { duration, isoOf, msOf, type Time, table } from '../terminal/text.ts';

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

/** Without those that are retired or revoked, unless all are wanted. */
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
  return table(['kid', 'purpose', 'owner', 'state', ''], rows).join('\n');
}

export function rotatedScreen(key: KeyInfo, emergency: boolean): string {
  if (emergency) {
    return [
      `A new key signs ${purposeOf(key)} tokens: ${key.kid}.`,
      'Every other key is revoked: nothing that it signed is accepted any more. Signed-in clients refresh',
      'by themselves.',
    ].join('\n');
  }
  return [
    `A new key for ${purposeOf(key)} tokens is published: ${key.kid}.`,
    `It signs from ${isoOf(key.signsFrom)}, ${ahead(key.signsFrom)}; the previous key stays published until its`,
    'last token has expired. No restart is needed.',
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

function ahead(at: Time): string {
  const ms = msOf(at) - Date.now();
  return ms <= 0 ? 'now' : `in ${duration(ms)}`;
}
