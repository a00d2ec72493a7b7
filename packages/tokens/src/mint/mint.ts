import { TokenError } from '../errors.ts';
import { signCompact, signCompactAside, type TokenForm } from '../jws/compact.ts';
import type { JsonObject } from '../jws/strict-json.ts';
import type { Signer } from '../keys/types.ts';

/**
 * Signs claims, after the very check that a verifier makes of their form: what is minted is never
 * refused for it.
 *
 * @throws TypeError naming the invalid claim.
 */
export function mint(
  signer: Signer,
  form: TokenForm & { readonly read: (payload: JsonObject) => object },
  claims: object,
): string {
  return signCompact(signer, form, readOrThrow(form.read, claims));
}

/** As {@link mint}, with the signature made on another thread. */
export async function mintAside(
  signer: Signer,
  form: TokenForm & { readonly read: (payload: JsonObject) => object },
  claims: object,
): Promise<string> {
  return signCompactAside(signer, form, readOrThrow(form.read, claims));
}

function readOrThrow(read: (payload: JsonObject) => object, claims: object): object {
  try {
    return read(claims as JsonObject);
  } catch (error) {
    // The caller's mistake, not a bad token: it must not become "unauthenticated".
    if (error instanceof TokenError) throw new TypeError(`cannot mint: ${error.message}`);
    throw error;
  }
}
