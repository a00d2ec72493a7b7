import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Handlers } from '@gatehouse/chassis';
import type { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { originOf } from '../common/grpc.ts';
import type { AddressLimiter } from '../passwords/limits.ts';
import type { ValidateToken } from './validate.ts';

/** The method that says whether an access token is active. */
export function tokenMethods(
  validateToken: ValidateToken,
  limit: AddressLimiter,
): Pick<Handlers<typeof AuthService>, 'validateToken'> {
  return {
    async validateToken({ token }, call) {
      await limit(originOf(call).address);
      const claims = await validateToken(token);
      if (claims === undefined) return { active: false };
      const { sub, scope, expiresAt } = claims;
      return { active: true, sub, scope, expiresAt: timestampFromDate(expiresAt) };
    },
  };
}
