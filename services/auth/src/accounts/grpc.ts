/** The methods for accounts: people's own, and those of operators. */
import type { Handlers } from '@gatehouse/chassis';
import {
  type AuthService,
  CreateUserResponse_Status,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { commonErrors } from '@gatehouse/errors';
import { operatorOf, originOf } from '../common/grpc.ts';
import type { Accounts } from './change.ts';
import { isRole, type Role } from './roles.ts';
import type { SignUp } from './sign-up.ts';
import type { Suspension } from './suspend.ts';

export function accountMethods({
  signUp,
  accounts,
}: {
  readonly signUp: SignUp;
  readonly accounts: Accounts;
}): Pick<Handlers<typeof AuthService>, 'createUser' | 'changePassword' | 'setRoles'> {
  return {
    async createUser(request, call) {
      const userId = await signUp.signUp(request, originOf(call));
      return { userId, status: CreateUserResponse_Status.ACTIVE };
    },

    async changePassword({ currentPassword, newPassword }, call) {
      const accountId = call.subject.id;
      const sessionId = call.passport?.sid ?? '';
      const change = { accountId, sessionId, currentPassword, newPassword };
      await accounts.changePassword(change, originOf(call));
      return {};
    },

    async setRoles({ userId, roles: names }, call) {
      const change = { accountId: userId, roles: rolesOf(names), actor: call.subject.id };
      const roles = await accounts.setRoles(change, originOf(call));
      return { userId, roles: [...roles] };
    },
  };
}

function rolesOf(names: readonly string[]): readonly Role[] {
  const roles = names.filter(isRole);
  // The contract has rejected other names; if the two ever differ, nothing is half done.
  if (roles.length !== names.length) throw commonErrors.INVALID_INPUT();
  return roles;
}

export function operatorAccountMethods(
  suspension: Suspension,
  accounts: Accounts,
): Pick<
  Handlers<typeof OperatorService>,
  'suspendAccount' | 'reinstateAccount' | 'setAccountRoles'
> {
  return {
    async setAccountRoles({ userId, roles: names }, call) {
      const { actor, origin } = operatorOf(call);
      const change = { accountId: userId, roles: rolesOf(names), actor };
      return { roles: [...(await accounts.setRoles(change, origin))] };
    },

    async suspendAccount({ userId }, call) {
      await suspension.suspend(userId, operatorOf(call));
      return {};
    },

    async reinstateAccount({ userId }, call) {
      await suspension.reinstate(userId, operatorOf(call));
      return {};
    },
  };
}
