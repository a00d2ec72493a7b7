import { toGatehouseError } from '@gatehouse/errors';
import {
  type Handler,
  type Incoming,
  type Outgoing,
  TAKEN,
  type WireFaultHandler,
} from './seam.ts';

/**
 * Has a handler respond. One that fails in spite of its word, or a response that cannot be
 * sent as it is, breaks this exchange off and no other, and is told like any fault of ours.
 */
export function respondBy(
  parts: { readonly handle: Handler; readonly wireFault: WireFaultHandler },
  exchange: Incoming & Outgoing,
): void {
  const fail = (thrown: unknown): void => {
    parts.wireFault(toGatehouseError(thrown), exchange.peerAddress);
    exchange.abort();
  };
  try {
    const response = parts.handle(exchange, exchange);
    if (response !== TAKEN) response.then((whole) => exchange.respond(whole)).catch(fail);
  } catch (thrown) {
    fail(thrown);
  }
}
