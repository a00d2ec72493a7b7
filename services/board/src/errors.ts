import { defineErrors } from '@gatehouse/errors';

export const boardErrors = defineErrors('board', {
  POST_NOT_FOUND: ['NOT_FOUND', 'There is no such post.'],
  COMMENT_NOT_FOUND: ['NOT_FOUND', 'There is no such comment on this post.'],
  NOT_YOURS: ['PERMISSION_DENIED', 'Only its author or a moderator may change or delete this.'],
  PAGE_TOKEN: ['INVALID_ARGUMENT', 'The page token is not one that this list gave out.'],
});
