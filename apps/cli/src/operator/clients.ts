/** Clients and their secrets as people and programs read them. */
import type { ClientInfo } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { duration, table } from '../text.ts';

type Timestamp = ClientInfo['createdAt'];

export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => withTimes(member), 2);
}

export function createdScreen(
  name: string,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): string {
  return [
    `The client "${name}" is made.`,
    '',
    `  client id      ${clientId}`,
    `  client secret  ${clientSecret}`,
    '',
    'Nobody can show the secret again: keep it where the program reads it. "gatehouse client rotate"',
    'makes another one.',
  ].join('\n');
}

export function keyOnlyScreen(
  name: string,
  { clientId, kid }: { readonly clientId: string; readonly kid: string },
): string {
  return [
    `The client "${name}" is made. It has no secret: it signs assertions with its key.`,
    '',
    `  client id      ${clientId}`,
    `  key            ${kid}`,
  ].join('\n');
}

export function rotatedScreen(
  name: string,
  rotated: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly previousExpiresAt?: Timestamp;
    readonly handedOver: boolean;
  },
): string {
  const ends = msOf(rotated.previousExpiresAt);
  return [
    `The client "${name}" has another secret.`,
    '',
    `  client id      ${rotated.clientId}`,
    `  client secret  ${rotated.clientSecret}`,
    '',
    ends === undefined
      ? 'No other secret of it is valid any more.'
      : `The one before is valid until ${new Date(ends).toISOString()} (${duration(ends - Date.now())}).`,
    ...(rotated.handedOver
      ? ['The part of this platform that uses it was given the new one.']
      : []),
  ].join('\n');
}

export function clientTable(clients: readonly ClientInfo[]): string {
  if (clients.length === 0)
    return 'There are no clients. "gatehouse client create NAME" makes one.';
  const rows = clients.map((client) => [
    client.name,
    client.clientId,
    client.disabledAt === undefined ? proofsOf(client) : 'disabled',
    client.workload === '' ? '-' : client.workload,
    client.scopes.join(' ') || '-',
  ]);
  return table(['name', 'client id', 'proved by', 'workload', 'scopes'], rows).join('\n');
}

function proofsOf({ secrets, kids }: ClientInfo): string {
  const counted = (count: number, what: string) =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
  return [...counted(secrets.length, 'secret'), ...counted(kids.length, 'key')].join(', ') || '-';
}

function withTimes(member: unknown): unknown {
  if (typeof member !== 'object' || member === null || !('$typeName' in member)) return member;
  if (!('seconds' in member && typeof member.seconds === 'bigint')) {
    const { $typeName: _, ...rest } = member;
    return rest;
  }
  return new Date(Number(member.seconds) * 1000).toISOString();
}

function msOf(at: Timestamp): number | undefined {
  return at === undefined ? undefined : Number(at.seconds) * 1000;
}
