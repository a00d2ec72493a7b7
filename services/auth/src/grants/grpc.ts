/** The operators' methods for grants. */
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Handlers } from '@gatehouse/chassis';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { operatorOf } from '../common/grpc.ts';
import type { Grants } from './manage.ts';

type Methods = Handlers<typeof OperatorService>;

/** The most that one response lists. */
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
