/**
 * In what routes differ, beside one reading of target and head that is the same for all
 * (docs/adr/0050).
 */
import type { RequestHead } from '@gatehouse/wire';
import { edgeErrors } from '../errors.ts';

/** What a route takes. Also its body, which its method or its own limit says. */
export interface Strictness {
  /** `pairs`: `name=value`, since a message is made of them; see `readQuery`. */
  readonly query: 'pairs' | 'as sent';
  /** Whether a body may be encoded: somebody behind us unpacks it, and bounds what it unpacks to. */
  readonly contentCoding: boolean;
  readonly websocket: boolean;
}

/** Of every route of a contract. */
export const CONTRACT: Strictness = Object.freeze({
  query: 'pairs',
  contentCoding: false,
  websocket: false,
});
const EXTERNAL: Strictness = Object.freeze({
  query: 'as sent',
  contentCoding: true,
  websocket: false,
});
const EXTERNAL_WEBSOCKET: Strictness = Object.freeze({ ...EXTERNAL, websocket: true });

/** Of a route of `gateway.yaml`; undefined: of a verb that its path does not have. */
export function strictnessOf(route: { readonly websocket: boolean } | undefined): Strictness {
  return route?.websocket === true ? EXTERNAL_WEBSOCKET : EXTERNAL;
}

/**
 * Asks a route whether it takes what a head announces.
 *
 * @param upgrading - whether the connection can be given away.
 * @throws GatehouseError `gateway.upgrade`, `gateway.media_type`.
 */
export function checkHead(
  { upgrade, contentEncoding }: Pick<RequestHead, 'upgrade' | 'contentEncoding'>,
  upgrading: boolean,
  { contentCoding, websocket }: Strictness,
): void {
  const asks = upgrade !== undefined || upgrading;
  if (asks && !(websocket && upgrading)) throw edgeErrors.UPGRADE();
  if (contentEncoding !== undefined && !contentCoding) throw edgeErrors.MEDIA_TYPE();
}
