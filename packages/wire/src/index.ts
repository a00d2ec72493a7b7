/**
 * HTTP/1 in one reading: what is on the wire, and nothing of what is done with it. Everything that knows
 * header tables, framing or targets stands here and nowhere else.
 */
export { type BodySink, type BodySource, BoundedBody, StreamBody } from './body.ts';
export { type BodyHost, BodyReader } from './body-reader.ts';
export { MalformedError, requestFault, wireErrors } from './errors.ts';
export { fieldName, isManaged, responseFieldName } from './field-names.ts';
export { hostName, parentsOf } from './host-name.ts';
export { variablesOf } from './path-template.ts';
export { createPathTree, type PathMatch, type PathRule, type PathTree } from './path-tree.ts';
export { remembered } from './remembered.ts';
export {
  firstValue,
  isVerb,
  onlyValue,
  type RequestHead,
  readHead,
  type Verb,
  valuesOf,
} from './request-head.ts';
export { MAX_HEAD_BYTES, NO_REQUEST, type ParsedHead, parseHead } from './request-parser.ts';
export { fieldLine, type RequestParts, requestHead } from './request-writer.ts';
export { reservedReason } from './reserved-fields.ts';
export type { Asked, ResponseHead } from './response-head.ts';
export { ResponseParser, type ResponseSink } from './response-parser.ts';
export { dateNow, fieldLines, responseHead } from './response-writer.ts';
export { type QueryPair, readQuery, readTarget, type Target } from './target.ts';
export { passedTrailers } from './trailers.ts';
export { writePiece } from './write-piece.ts';
