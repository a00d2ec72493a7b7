/** The methods for log-in, refresh and sessions. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Handlers } from '@gatehouse/chassis';
import type {
  AuthService,
  TokenResponseSchema,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { originOf } from '../common/grpc.ts';
import type { Sessions } from './end.ts';
import type { TokenPair } from './issue.ts';
import type { LogIn } from './log-in.ts';
import type { Refresh } from './refresh.ts';

export interface SessionCases {
  readonly logIn: LogIn;
  readonly refresh: Refresh;
  readonly sessions: Sessions;
}

export function sessionMethods({
  logIn,
  refresh,
  sessions,
}: SessionCases): Pick<
  Handlers<typeof AuthService>,
  'login' | 'refresh' | 'logout' | 'listSessions' | 'endSession'
> {
  return {
    async login(request, call) {
      return tokenResponse(await logIn(request, originOf(call)));
    },

    async refresh(request, call) {
      return tokenResponse(await refresh(request.refreshToken, originOf(call)));
    },

    async logout(request, call) {
      await sessions.logOut(request.refreshToken, originOf(call));
      return {};
    },

    async listSessions(_request, call) {
      const listed = await sessions.list(call.subject.id);
      return {
        sessions: listed.map((session) => ({
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
      await sessions.end({ sessionId, accountId: call.subject.id }, originOf(call));
      return {};
    },
  };
}

function tokenResponse(pair: TokenPair): MessageInitShape<typeof TokenResponseSchema> {
  return { ...pair, tokenType: 'Bearer' };
}
