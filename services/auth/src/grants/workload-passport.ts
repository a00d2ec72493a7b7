/** Token exchange (RFC 8693): a workload gets a passport in its own name. */

import * as clients from '../clients/store.ts';
import type { Base } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import { oauthErrors } from '../oauth/errors.ts';
import { narrowTo } from '../oauth/scope-rules.ts';
import type { MintPassport } from './mint-passport.ts';

/** A passport, as whoever asked for it gets it. */
export interface IssuedPassport {
  readonly token: string;
  readonly scope: string;
  readonly expiresInSeconds: number;
}

export interface WorkloadPassportRequest {
  /** SPIFFE ID, from the certificate. */
  readonly workload: string;
  /** Its last part: the name by which a client stands for it. */
  readonly name: string;
  /** Undefined: all that its client may have. */
  readonly scope: string | undefined;
  /** What it is going to do; for `tctx`. */
  readonly method: string;
}

/**
 * A workload without a client gets a passport without scopes: enough for rules that ask for a workload
 * and nothing more.
 *
 * @throws oauth.invalid_client for a workload whose client is disabled; oauth.invalid_scope.
 */
export type WorkloadPassport = (request: WorkloadPassportRequest) => Promise<IssuedPassport>;

export function createWorkloadPassport(
  parts: Base & { readonly mintPassport: MintPassport },
): WorkloadPassport {
  return async ({ workload, name, scope: asked, method }) => {
    const client = await clients.findByWorkload(parts.database.read, name);
    if (client?.disabledAt !== undefined) throw oauthErrors.INVALID_CLIENT();
    const scope = narrowTo(client?.scopes ?? [], asked);
    const token = parts.mintPassport({
      txn: parts.newId('txn'),
      jti: parts.newId('pas'),
      sub: workload,
      ...(client === undefined ? {} : { sv: client.version }),
      scope,
      rctx: {},
      tctx: { method },
      req_wl: workload,
    });
    return { token, scope, expiresInSeconds: LIFETIMES.passportSeconds };
  };
}
