/** Fields behind a body. Source: RFC 9110, section 6.5.1. */
import { wireErrors } from '../errors.ts';
import { isManaged } from './field-names.ts';

/** Framing, routing, credentials, and what says how a body is to be read. */
const NO_TRAILER =
  /^(?:age|authentication-info|authorization|cache-control|connection|content-(?:encoding|length|range|type)|cookie|date|expect|expires|host|keep-alive|location|max-forwards|proxy-.*|retry-after|set-cookie|te|trailer|transfer-encoding|upgrade|vary|www-authenticate)$/;
const FRAMING = /^(?:content-length|transfer-encoding)$/i;

/**
 * Leaves out what could be taken for a header by who merges trailers into them.
 *
 * @param trailers - names and values in turn.
 */
export function passedTrailers(trailers: readonly string[]): readonly string[] {
  if (trailers.length === 0) return trailers;
  return trailers.filter((_, index) => {
    const name = (trailers[index - (index % 2)] as string).toLowerCase();
    return !NO_TRAILER.test(name) && !isManaged(name);
  });
}

/**
 * The same for a request, which has no reason to frame itself once more.
 *
 * @throws GatehouseError `gateway.framing` when it does.
 */
export function requestTrailers(trailers: readonly string[]): readonly string[] {
  if (trailers.some((text, index) => index % 2 === 0 && FRAMING.test(text))) {
    throw wireErrors.FRAMING();
  }
  return passedTrailers(trailers);
}
