/** Requests of machines to the OAuth endpoints. For tests. */
import { type IncomingMessage, type OutgoingHttpHeaders, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { type ServiceClient, spiffeIdFor, TlsFiles } from '@gatehouse/chassis';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import type { TestAuthority } from '@gatehouse/testing';

export type OperatorClient = ServiceClient<typeof OperatorService>;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly text: string;
  /** Parsed when it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Raw, in this order, in place of `headers`. */
  readonly rawHeaders?: readonly string[];
  readonly body?: string | Buffer;
  /** Where it comes from: any address of the loopback. */
  readonly from?: string;
}

/** Sends a request as it is given. */
export function send(url: string, sent: Sent = {}): Promise<Answer> {
  const { method = 'POST', headers = {}, rawHeaders, body, from } = sent;
  const { host } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = plainRequest(url, {
      method,
      headers: rawHeaders === undefined ? headers : ['Host', host, ...rawHeaders],
      agent: false,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    request.on('error', reject);
    request.on('response', (response) => void answerOf(response).then(resolve, reject));
    request.end(body);
  });
}

/** Sends a form. */
export function post(
  url: string,
  form: Readonly<Record<string, string>>,
  more: { readonly authorization?: string; readonly from?: string } = {},
): Promise<Answer> {
  const { authorization, from } = more;
  return send(url, {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: new URLSearchParams(form).toString(),
    ...(from === undefined ? {} : { from }),
  });
}

/** `client_secret_basic`, as RFC 6749 has it: each half form-encoded. */
export function basic(clientId: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams({ a: text }).toString().slice(2);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}`;
}

let names = 0;

/** A new client, made as an operator does. */
export async function machine(
  operator: OperatorClient,
  options: { readonly scopes?: readonly string[]; readonly workload?: string } = {},
) {
  names += 1;
  const { scopes = ['asset:update', 'asset:read'], workload = '' } = options;
  const made = await operator.createClient({
    name: `machine-${names}`,
    scopes: [...scopes],
    workload,
  });
  const { clientId, clientSecret } = made;
  return { clientId, clientSecret, authorization: basic(clientId, clientSecret) };
}

/** The claims of a token, unverified. */
export function claimsOf(token: unknown): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString());
}

/** Sends a form to a path of auth's listener for workloads, with a workload's certificate. */
export async function postAs(
  target: { readonly authority: TestAuthority; readonly port: number },
  workload: string,
  sent: {
    readonly path?: string;
    readonly form: Readonly<Record<string, string>>;
    readonly headers?: OutgoingHttpHeaders;
  },
): Promise<Answer> {
  const { path = '/oauth2/token', form, headers = {} } = sent;
  const tls = new TlsFiles(await target.authority.folderFor(workload));
  const server = spiffeIdFor(target.authority.trustDomain, 'auth');
  return new Promise((resolve, reject) => {
    const request = secureRequest({
      ...tls.connectOptions(server),
      host: 'localhost',
      port: target.port,
      path,
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
    request.on('error', reject);
    request.on('response', (response) => void answerOf(response).then(resolve, reject));
    request.end(new URLSearchParams(form).toString());
  });
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body,
    text: body.toString(),
    json: /json/.test(response.headers['content-type'] ?? '') ? JSON.parse(String(body)) : {},
  };
}
