/** The user service put together: its database, and what each method of the contract does. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { implement, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import {
  User_Status,
  type UserSchema,
  UserService,
} from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import type { Transaction } from '@gatehouse/postgres';
import { changesOf } from './changes.ts';
import { userErrors } from './errors.ts';
import * as profiles from './profiles.ts';

export async function build(context: ServiceContext): Promise<ServiceApp> {
  const database = await context.database<profiles.UserTables>({
    migrations: new URL('../migrations/', import.meta.url),
  });
  const now = () => new Date(context.clock.nowMs());

  async function save(tx: Transaction<profiles.UserTables>, row: profiles.ProfileRow) {
    const changed = { ...row, updated_at: now() };
    await profiles.replace(tx, changed);
    return changed;
  }

  async function move(
    tx: Transaction<profiles.UserTables>,
    row: profiles.ProfileRow,
    by: profiles.Move,
  ) {
    const status = profiles.statusAfter(by, row.status);
    return status === row.status ? row : save(tx, { ...row, status });
  }

  const users = implement(UserService, {
    async getMe(_request, call) {
      return userMessage(await profiles.readActive(database.read, call.subject.id));
    },

    async updateMe(request, call) {
      const changes = changesOf(request);
      const row = await database.transaction(async (tx) => {
        const profile = await profiles.hold(tx, call.subject.id);
        if (profile.status !== 'ACTIVE') throw userErrors.NOT_FOUND();
        return Object.keys(changes).length === 0 ? profile : save(tx, { ...profile, ...changes });
      });
      return userMessage(row);
    },

    async createProfile({ userId, nickname }) {
      const row = await database.transaction(async (tx) => {
        const profile = await profiles.insertOrHold(
          tx,
          newProfile(userId, { nickname, at: now() }),
        );
        // Sign-up is over: this is a repeat, and the nickname may have been changed since.
        if (profile.status === 'ACTIVE') return profile;
        if (profile.status !== 'PENDING') throw userErrors.STATUS_MOVE();
        return profile.nickname === nickname ? profile : save(tx, { ...profile, nickname });
      });
      return userMessage(row);
    },

    async activateUser({ userId }) {
      const row = await database.transaction(async (tx) =>
        move(tx, await profiles.hold(tx, userId), 'activate'),
      );
      return userMessage(row);
    },

    async markSignupFailed({ userId }) {
      const row = await database.transaction(async (tx) => {
        const tombstone = newProfile(userId, { nickname: '', at: now() });
        return move(tx, await profiles.insertOrHold(tx, tombstone), 'failSignup');
      });
      return userMessage(row);
    },
  });

  return { implementations: [users] };
}

function newProfile(
  userId: string,
  { nickname, at }: { readonly nickname: string; readonly at: Date },
): profiles.ProfileRow {
  return {
    user_id: userId,
    nickname,
    status: 'PENDING',
    locale: 'en',
    time_zone: 'UTC',
    email_notifications: true,
    interests: [],
    created_at: at,
    updated_at: at,
  };
}

function userMessage(row: profiles.ProfileRow): MessageInitShape<typeof UserSchema> {
  return {
    userId: row.user_id,
    nickname: row.nickname,
    status: User_Status[row.status],
    settings: {
      locale: row.locale,
      timeZone: row.time_zone,
      emailNotifications: row.email_notifications,
    },
    interests: row.interests,
    createdAt: timestampFromDate(row.created_at),
    updatedAt: timestampFromDate(row.updated_at),
  };
}
