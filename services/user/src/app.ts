/** The user service: what each method of its contract does with a profile. */
import { implement, runService, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import { messageOf } from '@gatehouse/contracts';
import { UserSchema, UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import type { Transaction } from '@gatehouse/postgres';
import { changesOf } from './changes.ts';
import { userErrors } from './errors.ts';
import {
  hold,
  insertOrHold,
  type Move,
  type ProfileRow,
  readActive,
  statuses,
  type UserTables,
} from './profiles.ts';

export async function build(context: ServiceContext): Promise<ServiceApp> {
  const migrations = new URL('../migrations/', import.meta.url);
  const database = await context.database<UserTables>({ migrations });
  const now = () => new Date(context.clock.nowMs());

  async function change(
    tx: Transaction<UserTables>,
    row: ProfileRow,
    changes: Partial<ProfileRow>,
  ): Promise<ProfileRow> {
    const set = { ...changes, updated_at: now() };
    await tx.updateTable('profile').set(set).where('user_id', '=', row.user_id).execute();
    return { ...row, ...set };
  }

  async function move(tx: Transaction<UserTables>, row: ProfileRow, by: Move): Promise<ProfileRow> {
    const status = statuses.after(by, row.status);
    return status === row.status ? row : change(tx, row, { status });
  }

  const users = implement(UserService, {
    async getMe(_request, { subject }) {
      return messageOfUser(await readActive(database.read, subject.id));
    },

    async updateMe(request, { subject }) {
      const changes = changesOf(request);
      const row = await database.transaction(async (tx) => {
        const profile = await hold(tx, subject.id);
        if (profile.status !== 'ACTIVE') throw userErrors.NOT_FOUND();
        return Object.keys(changes).length === 0 ? profile : change(tx, profile, changes);
      });
      return messageOfUser(row);
    },

    async createProfile({ userId, nickname }) {
      const row = await database.transaction(async (tx) => {
        const profile = await insertOrHold(tx, newProfile({ userId, nickname, at: now() }));
        // Sign-up is over: this is a repeat, and the nickname may have been changed since.
        if (profile.status === 'ACTIVE') return profile;
        if (profile.status !== 'PENDING') throw userErrors.STATUS_MOVE();
        return profile.nickname === nickname ? profile : change(tx, profile, { nickname });
      });
      return messageOfUser(row);
    },

    async activateUser({ userId }) {
      const row = await database.transaction(async (tx) =>
        move(tx, await hold(tx, userId), 'activate'),
      );
      return messageOfUser(row);
    },

    async markSignupFailed({ userId }) {
      const row = await database.transaction(async (tx) => {
        const tombstone = newProfile({ userId, nickname: '', at: now() });
        return move(tx, await insertOrHold(tx, tombstone), 'failSignup');
      });
      return messageOfUser(row);
    },
  });

  return { implementations: [users] };
}

function newProfile(of: {
  readonly userId: string;
  readonly nickname: string;
  readonly at: Date;
}): ProfileRow {
  return {
    user_id: of.userId,
    nickname: of.nickname,
    status: 'PENDING',
    locale: 'en',
    time_zone: 'UTC',
    email_notifications: true,
    interests: [],
    created_at: of.at,
    updated_at: of.at,
  };
}

function messageOfUser(row: ProfileRow) {
  return messageOf(UserSchema, { ...row, settings: row });
}

// Started as a process, not imported by a test.
if (import.meta.main) await runService({ name: 'user', build });
