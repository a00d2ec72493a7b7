/** What is wrong with the bytes of a message, one code per class, so that a client can tell them apart. */
import { defineErrors, GatehouseError } from '@gatehouse/errors';

export const wireErrors = defineErrors('gateway', {
  // The head
  FRAMING: ['INVALID_ARGUMENT', 'The request is not well-formed HTTP.'],
  HEADERS_TOO_LARGE: ['OUT_OF_RANGE', 'The request has too many headers, or too large ones.'],
  METHOD_UNKNOWN: ['UNIMPLEMENTED', 'No resource here has this method.'],
  DUPLICATE_HEADER: ['INVALID_ARGUMENT', 'A header that may come once came more often.'],
  HOST: ['INVALID_ARGUMENT', 'The request needs one well-formed Host header.'],
  LENGTH_AND_ENCODING: [
    'INVALID_ARGUMENT',
    'Content-Length and Transfer-Encoding exclude each other.',
  ],
  TRANSFER_ENCODING: ['INVALID_ARGUMENT', 'The only supported transfer coding is chunked.'],
  CONTENT_LENGTH: ['INVALID_ARGUMENT', 'Content-Length must be one decimal number.'],
  EXPECT: ['INVALID_ARGUMENT', 'The only expectation that is met is 100-continue.'],
  CONNECTION: [
    'INVALID_ARGUMENT',
    'Connection names a header that is not for this connection alone.',
  ],
  // The target
  TARGET_FORM: [
    'INVALID_ARGUMENT',
    'The request target must be a path that begins with one slash.',
  ],
  TARGET_CHARACTER: [
    'INVALID_ARGUMENT',
    'The request target has a character that may not be there.',
  ],
  EMPTY_SEGMENT: ['INVALID_ARGUMENT', 'The path has an empty segment.'],
  DOT_SEGMENT: ['INVALID_ARGUMENT', 'The path has a dot segment.'],
  PERCENT_ENCODING: [
    'INVALID_ARGUMENT',
    'The target has a percent-encoding that is not canonical.',
  ],
  ENCODED_DELIMITER: [
    'INVALID_ARGUMENT',
    'The path has an encoded delimiter or control character.',
  ],
  ENCODED_DOT: ['INVALID_ARGUMENT', 'The path has an encoded dot.'],
  ENCODED_SLASH: ['INVALID_ARGUMENT', 'The path has an encoded slash or backslash.'],
  INVALID_UTF8: ['INVALID_ARGUMENT', 'The request is not valid UTF-8.'],
  QUERY: ['INVALID_ARGUMENT', 'The query is not a list of name=value.'],
  // The body
  BODY_INCOMPLETE: ['INVALID_ARGUMENT', 'The body ended before its end.'],
});

/** Bytes that are not valid HTTP/1.1. The message is for logs and holds none of them. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** What a client is told of bytes that a parser of this package refused. */
export function requestFault(thrown: unknown): GatehouseError {
  return thrown instanceof GatehouseError ? thrown : wireErrors.FRAMING({ cause: thrown });
}
