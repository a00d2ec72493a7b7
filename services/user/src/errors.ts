import { defineErrors } from '@gatehouse/errors';

export const userErrors = defineErrors('user', {
  NOT_FOUND: ['NOT_FOUND', 'There is no such profile.'],
  STATUS_MOVE: ['FAILED_PRECONDITION', 'The profile is in a status that does not allow this.'],
  MEMBER: ['INVALID_ARGUMENT', 'The request names a member that cannot be changed like this.'],
});
