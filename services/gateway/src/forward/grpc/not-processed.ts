/**
 * The request was not processed: it never left, or the other side refused it before it began
 * (REFUSED_STREAM, beyond the last stream of a GOAWAY). It may be sent again, whatever it is.
 * Source: RFC 9113, sections 6.8 and 8.7.
 */
export class NotProcessed extends Error {
  override readonly name = 'NotProcessed';
}
