/** The operators' methods that end what is done in people's names. */
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Handlers } from '@gatehouse/chassis';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import type { Suspension } from '../accounts/suspend.ts';
import { operatorOf } from '../common/grpc.ts';
import type { Grants } from './manage.ts';

type Methods = Handlers<typeof OperatorService>;

/** The most that one answer lists. */
const MAX_LISTED = 500;

export function grantMethods(grants: Grants): Pick<Methods, 'listGrants' | 'revokeGrant'> {
  return {
    async listGrants({ userId }) {
      const filter = userId === '' ? {} : { accountId: userId };
      const listed = await grants.list({ ...filter, limit: MAX_LISTED });
      return {
        grants: listed.map((grant) => ({
          grantId: grant.id,
          workload: grant.workload,
          userId: grant.accountId,
          txn: grant.txn,
          scopes: [...grant.scopes],
          purpose: grant.purpose,
          createdAt: timestampFromDate(grant.createdAt),
          expiresAt: timestampFromDate(grant.expiresAt),
        })),
      };
    },

    async revokeGrant({ grantId }, call) {
      await grants.revoke(grantId, operatorOf(call));
      return {};
    },
  };
}

export function suspensionMethods(
  suspension: Suspension,
): Pick<Methods, 'suspendAccount' | 'reinstateAccount'> {
  return {
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
