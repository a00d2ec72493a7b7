/** What the OAuth endpoints have in common: a form in, JSON out, and a client that says who it is. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Credentials } from '../../application/authenticate-client.ts';
import { peerOf, type Routes } from '../http/listener.ts';
import { sendOAuthError } from './answers.ts';
import { credentialsOf } from './credentials.ts';
import { type Form, readForm } from './form.ts';

const FORM = 'application/x-www-form-urlencoded';
/** Two tokens of the longest kind, escaped, and some more. */
const MAX_BODY_BYTES = 32 * 1024;

/** A request to an OAuth endpoint, taken apart. */
export interface OAuthRequest {
  readonly form: Form;
  /** Undefined when it shows none. */
  readonly credentials: Credentials | undefined;
  /** Of the TCP peer. */
  readonly address: string;
  /** SPIFFE ID in the peer's certificate; undefined by plain HTTP. */
  readonly peer: string | undefined;
}

/** Answers one request. What it throws is answered as RFC 6749 has it. */
export type OAuthHandler = (request: OAuthRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Adds endpoints that answer POST. */
export function oauthRoutes(endpoints: Readonly<Record<string, OAuthHandler>>): Routes {
  return (app) => {
    // A scope of its own: only here a form is a body, and only here errors look like this.
    app.register(async (scope) => {
      takeForms(scope);
      scope.setErrorHandler(async (error, _request, reply) => sendOAuthError(reply, error));
      for (const [path, handler] of Object.entries(endpoints)) {
        scope.post(path, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) =>
          handler(takenApart(request), reply),
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

function takenApart(request: FastifyRequest): OAuthRequest {
  const form = readForm(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
  return {
    form,
    credentials: credentialsOf(authorizationsOf(request), form),
    address: request.raw.socket.remoteAddress ?? '',
    peer: peerOf(request),
  };
}

// Node joins headers, or drops the later of two: the raw ones say how many there were.
function authorizationsOf({ raw: { rawHeaders } }: FastifyRequest): readonly string[] {
  return rawHeaders.filter((_, at) => {
    return at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization';
  });
}
