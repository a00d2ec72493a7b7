/** The contract of auth: each method handed to its use case. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type Call, type Implementation, implement, traceIds } from '@gatehouse/chassis';
import {
  AuthService,
  CreateUserResponse_Status,
  type TokenResponseSchema,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { commonErrors } from '@gatehouse/errors';
import type { ChangeFeed } from '../changes/feed.ts';
import { accessChangeMessage } from '../changes/grpc.ts';
import type { Origin } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import type { RegisterPassportKey } from '../keys/register.ts';
import type { Sessions } from '../sessions/end.ts';
import type { TokenPair } from '../sessions/issue.ts';
import type { LogIn } from '../sessions/log-in.ts';
import type { Refresh } from '../sessions/refresh.ts';
import type { ValidateToken } from '../tokens/validate.ts';
import type { Accounts } from './change.ts';
import { isRole } from './roles.ts';
import type { SignUp } from './sign-up.ts';

export interface UseCases {
  readonly signUp: SignUp['signUp'];
  readonly logIn: LogIn;
  readonly refresh: Refresh;
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly validateToken: ValidateToken;
  readonly registerPassportKey: RegisterPassportKey;
  readonly feed: ChangeFeed;
  /** Takes one validation for an address. @throws auth.too_many_attempts */
  readonly limitValidation: (address: string) => Promise<void>;
}

export function authService(cases: UseCases): Implementation {
  return implement(AuthService, {
    async createUser(request, call) {
      const userId = await cases.signUp(request, originOf(call));
      return { userId, status: CreateUserResponse_Status.ACTIVE };
    },

    async login(request, call) {
      return tokenResponse(await cases.logIn(request, originOf(call)));
    },

    async refresh(request, call) {
      return tokenResponse(await cases.refresh(request.refreshToken, originOf(call)));
    },

    async logout(request, call) {
      await cases.sessions.logOut(request.refreshToken, originOf(call));
      return {};
    },

    async listSessions(_request, call) {
      const sessions = await cases.sessions.list(call.subject.id);
      return {
        sessions: sessions.map((session) => ({
          sessionId: session.id,
          createdAt: timestampFromDate(session.createdAt),
          lastUsedAt: timestampFromDate(session.lastUsedAt),
          expiresAt: timestampFromDate(session.expiresAt),
          clientAddress: session.clientAddress,
          current: session.id === call.passport?.sid,
        })),
      };
    },

    async endSession({ sessionId }, call) {
      await cases.sessions.end({ sessionId, accountId: call.subject.id }, originOf(call));
      return {};
    },

    async validateToken({ token }, call) {
      await cases.limitValidation(originOf(call).address);
      const good = await cases.validateToken(token);
      if (good === undefined) return { active: false };
      const { sub, scope, expiresAt } = good;
      return { active: true, sub, scope, expiresAt: timestampFromDate(expiresAt) };
    },

    async changePassword(request, call) {
      const { currentPassword, newPassword } = request;
      const accountId = call.subject.id;
      const sessionId = call.passport?.sid ?? '';
      await cases.accounts.changePassword(
        { accountId, sessionId, currentPassword, newPassword },
        originOf(call),
      );
      return {};
    },

    async setRoles({ userId, roles: names }, call) {
      const wanted = names.filter(isRole);
      // The contract has refused other names; if the two ever differ, nothing is half done.
      if (wanted.length !== names.length) throw commonErrors.INVALID_INPUT();
      const change = { accountId: userId, roles: wanted, actor: call.subject.id };
      const roles = await cases.accounts.setRoles(change, originOf(call));
      return { userId, roles: [...roles] };
    },

    async registerPassportKey({ publicKey, proof }, call) {
      const registration = { caller: call.caller, publicKeySpki: publicKey, proof };
      const key = await cases.registerPassportKey(registration, originOf(call));
      return {
        kid: key.kid,
        issuer: key.issuer,
        leaseExpiresAt: timestampFromDate(key.leaseExpiresAt),
        heartbeatSeconds: LIFETIMES.passportKeyHeartbeatSeconds,
      };
    },

    async *watchAccessChanges(_request, call) {
      for await (const event of cases.feed.watch(call.signal)) yield accessChangeMessage(event);
    },
  });
}

function originOf({ passport }: Call): Origin {
  return {
    address: passport?.rctx.addr ?? '',
    traceId: traceIds().traceId ?? '',
    ...(passport === undefined ? {} : { txn: passport.txn }),
  };
}

function tokenResponse(pair: TokenPair): MessageInitShape<typeof TokenResponseSchema> {
  return { ...pair, tokenType: 'Bearer' };
}
