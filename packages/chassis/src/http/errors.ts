import { defineErrors } from '@gatehouse/errors';

/** What a listener refuses before a route is asked. Some have a closer status than their kind. */
export const httpErrors = defineErrors('http', {
  BAD_REQUEST: ['INVALID_ARGUMENT', 'The request is not one that can be read.'],
  NO_SUCH_PATH: ['NOT_FOUND', 'There is nothing at this path.'],
  METHOD_NOT_ALLOWED: ['UNIMPLEMENTED', 'This path does not take this method.'],
  BODY_TOO_LARGE: ['OUT_OF_RANGE', 'The body is larger than this listener takes.'],
  MEDIA_TYPE: ['INVALID_ARGUMENT', 'The body must come as application/json.'],
});
