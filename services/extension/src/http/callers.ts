/** Who calls: a client of our own auth by its service token, or one of an original auth server. */
import { ConfigError, type ServiceContext } from '@gatehouse/chassis';
import { verifyBearer } from '@gatehouse/chassis/http';
import { createRemotePublicKey, createSingleKeyVerifier, TokenError } from '@gatehouse/tokens';
import type { ExtensionConfig, OriginalAuth } from '../config.ts';

/** A client whose token is valid. */
export interface Caller {
  readonly clientId: string;
  /** Undefined: its tokens carry no scopes, and being on the list of clients says it all. */
  readonly scopes: ReadonlySet<string> | undefined;
}

/** Says who calls, by the value of `Authorization`. */
export type IdentifyCaller = (authorization: string | undefined) => Promise<Caller>;

type Verify = (token: string) => Promise<Caller>;

/**
 * Starts to fetch the keys of whoever issues tokens. It returns at once, and while auth is unavailable it goes
 * on with the keys it has.
 *
 * The function that it returns throws as `verifyBearer`. Tokens of an original auth server are taken
 * only where one is set, and only there a token without `typ`, `kid` and `aud` can be valid.
 */
export function identifyCallers(context: ServiceContext, config: ExtensionConfig): IdentifyCaller {
  const ours = config.takesOurs ? ourClients(context) : refuseAll;
  const original =
    config.original === undefined ? refuseAll : originalClients(context, config.original);
  const verify: Verify = (token) => (isBare(token) ? original : ours)(token);
  return (authorization) => verifyBearer(authorization, verify);
}

function ourClients(context: ServiceContext): Verify {
  const trust = context.serviceTokens();
  return async (token) => {
    const { sub, scope } = await trust.verify(token);
    return { clientId: sub, scopes: new Set(scope.split(' ')) };
  };
}

function originalClients(context: ServiceContext, auth: OriginalAuth): Verify {
  const { clock, log } = context;
  const keys = remoteKey(auth.keyUrl, (error) => {
    log.warn({ err: error }, 'the key of the original auth server could not be fetched');
  });
  // It never throws; it reports through its events.
  void keys.start();
  context.onClose(async () => keys.close());
  context.readiness('original key', () => {
    if (!keys.ready) throw new Error('no key from the original auth server yet');
  });
  const verifier = createSingleKeyVerifier({ issuer: auth.issuer, keys, clock });
  return async (token) => {
    const { sub } = verifier.verifyCached(token) ?? (await verifier.verify(token));
    if (!auth.clients.has(sub)) throw new TokenError('claim', 'sub');
    return { clientId: sub, scopes: undefined };
  };
}

function remoteKey(url: URL, onFailed: (error: Error) => void) {
  try {
    return createRemotePublicKey({
      url,
      onEvent: (event) => {
        if (event.type === 'failed') onFailed(event.error);
      },
    });
  } catch {
    const mustBe = 'must begin with https:, or be on the loopback';
    throw new ConfigError('GATEHOUSE_ORIGINAL_KEY_URL', mustBe);
  }
}

const refuseAll: Verify = async () => {
  throw new TokenError('issuer');
};

/** Whether a token names neither its kind nor its key. It is looked at, not believed. */
function isBare(token: string): boolean {
  try {
    const header: { kid?: unknown; typ?: unknown } | null = JSON.parse(
      Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString('utf8'),
    );
    return header?.kid === undefined && header?.typ === undefined;
  } catch {
    return false;
  }
}
