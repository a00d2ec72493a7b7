/** Clients with service tokens: created as an operator, their tokens from auth's plain listener. */
import assert from 'node:assert/strict';
import { connectToAuth } from '@gatehouse/platform';
import { target } from './config.ts';
import { remember } from './ledger.ts';

export interface ServiceClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The plain listener of a part: `http://127.0.0.1:18092`. */
export function plainUrl(part: string): string {
  return `http://127.0.0.1:${target().ports[part]?.http}`;
}

/** Makes a client whose tokens may say these scopes. */
export async function makeClient(
  name: string,
  scopes: readonly string[],
): Promise<ServiceClientCredentials> {
  const made = await withOperator((operator) =>
    operator.createClient({ name, scopes: [...scopes] }),
  );
  const { clientId, clientSecret } = made;
  return { clientId, clientSecret: remember('client secret', clientSecret) };
}

type Operator = Awaited<ReturnType<typeof connectToAuth>>['client'];

/** Calls auth as an operator. */
export async function withOperator<Result>(
  ask: (operator: Operator) => Promise<Result>,
): Promise<Result> {
  const { ports, identities } = target();
  const { client, close } = await connectToAuth({
    tlsFolder: identities.operator ?? '',
    addresses: [`localhost:${ports.auth?.grpc}`],
  });
  try {
    return await ask(client);
  } finally {
    close();
  }
}

/** A service token, as a client of the original system asks for it. */
export async function serviceToken(credentials: ServiceClientCredentials): Promise<string> {
  const answer = await fetch(`${plainUrl('auth')}/msa/auth/api/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  const token = await answer.text();
  assert.equal(answer.status, 200, token);
  return remember('service token', token);
}
