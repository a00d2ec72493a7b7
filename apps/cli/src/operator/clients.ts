/** Clients and their secrets as people read them. */
import type { ClientInfo } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { counted, duration, isoOf, msOf, type Time, table } from '../terminal/text.ts';

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export function createdScreen(name: string, credentials: Credentials): string {
  return [
    `The client "${name}" is created.`,
    '',
    ...credentialLines(credentials),
    '',
    'The secret cannot be shown again: store it where the program reads it. "gatehouse client rotate"',
    'creates a new one.',
  ].join('\n');
}

export function keyOnlyScreen(
  name: string,
  { clientId, kid }: { readonly clientId: string; readonly kid: string },
): string {
  return [
    `The client "${name}" is created. It has no secret: it signs assertions with its key.`,
    '',
    `  client id      ${clientId}`,
    `  key            ${kid}`,
  ].join('\n');
}

export function rotatedScreen(
  name: string,
  rotated: Credentials & { readonly previousExpiresAt?: Time; readonly handedOver: boolean },
): string {
  const { previousExpiresAt: expires, handedOver } = rotated;
  return [
    `The client "${name}" has a new secret.`,
    '',
    ...credentialLines(rotated),
    '',
    expires === undefined
      ? 'Its other secrets are revoked.'
      : `The previous secret expires at ${isoOf(expires)} (in ${duration(msOf(expires) - Date.now())}).`,
    ...(handedOver ? ['The service of this platform that uses it has received the new one.'] : []),
  ].join('\n');
}

export function clientTable(clients: readonly ClientInfo[]): string {
  if (clients.length === 0) {
    return 'There are no clients. "gatehouse client create NAME" creates one.';
  }
  const rows = clients.map((client) => [
    client.name,
    client.clientId,
    client.disabledAt === undefined ? authenticationOf(client) : 'disabled',
    client.workload === '' ? '-' : client.workload,
    client.scopes.join(' ') || '-',
  ]);
  return table(['name', 'client id', 'authenticates by', 'workload', 'scopes'], rows).join('\n');
}

function credentialLines({ clientId, clientSecret }: Credentials): readonly string[] {
  return [`  client id      ${clientId}`, `  client secret  ${clientSecret}`];
}

function authenticationOf({ secrets, kids }: ClientInfo): string {
  const parts = [
    ...(secrets.length === 0 ? [] : [counted(secrets.length, 'secret')]),
    ...(kids.length === 0 ? [] : [counted(kids.length, 'key')]),
  ];
  return parts.join(', ') || '-';
}
