/**
 * HTTP/1 in one reading: what is on the wire, and nothing of what is done with it. Everything that knows
 * header tables, framing or targets stands here and nowhere else.
 */
export { type BodySink, type BodySource, BoundedBody, StreamBody } from './body/body.ts';
export { type BodyHost, BodyReader } from './body/body-reader.ts';
export { writePiece } from './body/write-piece.ts';
export { MalformedError, requestFault, wireErrors } from './errors.ts';
export { fieldName, isManaged, responseFieldName } from './fields/field-names.ts';
export { chunkLine, lastChunk } from './fields/field-writer.ts';
export { hostName, parentsOf } from './fields/host-name.ts';
export { reservedReason } from './fields/reserved-fields.ts';
export { passedTrailers } from './fields/trailers.ts';
export { type VariablesOf, variablesOf } from './path/path-template.ts';
export { createPathTree, type PathMatch, type PathRule, type PathTree } from './path/path-tree.ts';
export { remembered } from './remembered.ts';
export {
  firstValue,
  isVerb,
  onlyValue,
  type RequestHead,
  readHead,
  type Verb,
  valuesOf,
} from './request/request-head.ts';
export {
  MAX_HEAD_BYTES,
  NO_REQUEST,
  type ParsedHead,
  parseHead,
} from './request/request-parser.ts';
export { type RequestParts, requestHead } from './request/request-writer.ts';
export { type QueryPair, readQuery, readTarget, type Target } from './request/target.ts';
export type { Asked, ResponseHead } from './response/response-head.ts';
export { ResponseParser, type ResponseSink } from './response/response-parser.ts';
export { dateNow, responseHead } from './response/response-writer.ts';
