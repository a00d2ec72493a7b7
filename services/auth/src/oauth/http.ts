/** What the OAuth endpoints have in common: a form in, JSON out, and a client that says who it is. */
import { isIP } from 'node:net';
import { parseSpiffeId, traceIds } from '@gatehouse/chassis';
import { peerOf, type RouteGroup, sendResponse } from '@gatehouse/chassis/http';
import type {
  AuthenticateClient,
  AuthenticateWorkload,
  Credentials,
} from '../clients/authenticate.ts';
import type { Client } from '../clients/rules.ts';
import type { Origin } from '../common/base.ts';
import { credentialsOf } from './credentials.ts';
import { oauthErrors } from './errors.ts';
import { type Form, readForm } from './form.ts';
import { jsonResponse, oauthErrorResponse } from './responses.ts';

/** Two tokens of the longest kind, escaped, and some more. */
const MAX_BODY_BYTES = 32 * 1024;

/** A request to an OAuth endpoint, taken apart. */
export interface OAuthRequest {
  readonly form: Form;
  /** Undefined when it shows none. */
  readonly credentials: Credentials | undefined;
  /** Of the TCP peer; of a request through the gateway, as the gateway saw it. */
  readonly address: string;
  /** SPIFFE ID in the peer's certificate; undefined by plain HTTP, and through the gateway. */
  readonly peer: string | undefined;
}

/** Gives the body of a success. What it throws is sent as RFC 6749 has it. */
export type OAuthHandler = (request: OAuthRequest) => Promise<object>;

/**
 * Makes a group of endpoints that take POST.
 *
 * @param gateway - SPIFFE ID of the gateway, which brings requests from outside: they are nobody's who has
 *   a certificate, and the gateway says from where they came.
 */
export function oauthGroup(
  endpoints: Readonly<Record<string, OAuthHandler>>,
  gateway: string,
): RouteGroup {
  return {
    body: 'form',
    maxBodyBytes: MAX_BODY_BYTES,
    errorResponse: oauthErrorResponse,
    routes: (app) => {
      for (const [path, handler] of Object.entries(endpoints)) {
        app.post(path, async (request, reply) =>
          sendResponse(reply, jsonResponse(await handler(takenApart(request, gateway)))),
        );
      }
    },
  };
}

/** Where a request came from. */
export function originOf({ address }: OAuthRequest): Origin {
  return { address, traceId: traceIds().traceId ?? '' };
}

export interface ClientParts {
  readonly authenticate: AuthenticateClient;
  readonly authenticateWorkload: AuthenticateWorkload;
}

/**
 * Which client makes a request: by what it shows, or by its certificate.
 *
 * @throws oauth.invalid_client for a request that shows nothing, and as the two parts do.
 */
export async function clientOf(parts: ClientParts, request: OAuthRequest): Promise<Client> {
  const { credentials, peer, form, address } = request;
  if (credentials !== undefined) return parts.authenticate(credentials, address);
  const workload = peer === undefined ? undefined : parseSpiffeId(peer)?.service;
  if (workload === undefined) throw oauthErrors.INVALID_CLIENT();
  return parts.authenticateWorkload(workload, form.get('client_id'));
}

type HttpRequest = Parameters<typeof peerOf>[0];

function takenApart(request: HttpRequest, gateway: string): OAuthRequest {
  const peer = peerOf(request);
  const isOutside = peer === gateway;
  const form = readForm(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
  return {
    form,
    credentials: credentialsOf(valuesOf(request, 'authorization'), form),
    address: isOutside ? forwardedFor(request) : (request.raw.socket.remoteAddress ?? ''),
    peer: isOutside ? undefined : peer,
  };
}

/** The client's address as the gateway says it; those that cannot be read are counted together. */
function forwardedFor(request: HttpRequest): string {
  const [address = '', ...more] = valuesOf(request, 'x-forwarded-for');
  return more.length === 0 && isIP(address) !== 0 ? address : '';
}

// Node joins headers, or drops the later of two: the raw ones say how many there were.
function valuesOf({ raw: { rawHeaders } }: HttpRequest, name: string): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}
