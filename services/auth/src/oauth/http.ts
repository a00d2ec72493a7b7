/** What the OAuth endpoints have in common: a form in, JSON out, and a client that says who it is. */
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Credentials } from '../clients/authenticate.ts';
import { peerOf, type Routes } from '../http/listener.ts';
import { credentialsOf } from './credentials.ts';
import { type Form, readForm } from './form.ts';
import { sendOAuthError } from './responses.ts';

const FORM = 'application/x-www-form-urlencoded';
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

/** Answers one request. What it throws is answered as RFC 6749 has it. */
export type OAuthHandler = (request: OAuthRequest, reply: FastifyReply) => Promise<FastifyReply>;

/**
 * Adds endpoints that answer POST.
 *
 * @param gateway - SPIFFE ID of the gateway, which brings requests from outside: they are nobody's who has
 *   a certificate, and the gateway says from where they came.
 */
export function oauthRoutes(
  endpoints: Readonly<Record<string, OAuthHandler>>,
  gateway: string,
): Routes {
  return (app) => {
    // A scope of its own: only here a form is a body, and only here errors look like this.
    app.register(async (scope) => {
      takeForms(scope);
      scope.setErrorHandler(async (error, _request, reply) => sendOAuthError(reply, error));
      for (const [path, handler] of Object.entries(endpoints)) {
        scope.post(path, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) =>
          handler(takenApart(request, gateway), reply),
        );
      }
    });
  };
}

function takeForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(FORM, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
}

function takenApart(request: FastifyRequest, gateway: string): OAuthRequest {
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
function forwardedFor(request: FastifyRequest): string {
  const [address = '', ...more] = valuesOf(request, 'x-forwarded-for');
  return more.length === 0 && isIP(address) !== 0 ? address : '';
}

// Node joins headers, or drops the later of two: the raw ones say how many there were.
function valuesOf({ raw: { rawHeaders } }: FastifyRequest, name: string): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}
