/** Three demo users, signed up through the public API like anyone else. */
import { randomBytes } from 'node:crypto';
import { PlatformError } from '../errors.ts';
import { readIfExists, writePrivate } from '../files.ts';
import { layoutOf } from '../layout.ts';
import { createEdge, type Edge } from './edge.ts';

export interface DemoUser {
  readonly role: 'member' | 'moderator' | 'admin';
  readonly email: string;
  readonly password: string;
}

/** A setting of auth, which makes the person who signs up with it an admin. */
export const DEMO_ADMIN_EMAIL = emailOf('admin');

const ROLES = ['member', 'moderator', 'admin'] as const;

/**
 * Creates the demo users where they are missing, with passwords of this clone, kept in `file` (0600).
 *
 * Repeatable: an interrupted run is finished by the next. When all is done, a later start asks the
 * platform once, by a sign-up that is rejected as "taken", whether its database is still the same.
 *
 * @throws PlatformError when the platform rejects a request.
 */
export async function ensureDemoUsers(options: {
  readonly edgeUrl: string;
  readonly file: string;
}): Promise<readonly DemoUser[]> {
  const edge = createEdge(options.edgeUrl);
  const known = await load(options.file);
  const users = known?.users ?? ROLES.map(invent);
  if (known?.done && (await edge.signUp(accountOf(member(users)))) === 'taken') return users;

  await save(options.file, { users, done: false });
  for (const user of users) await edge.signUp(accountOf(user));
  await promote(edge, users);
  await save(options.file, { users, done: true });
  return users;
}

/** The demo users of a data folder, with passwords; empty when there are none. */
export async function readDemoUsers(dataDir: string): Promise<readonly DemoUser[]> {
  return (await load(layoutOf(dataDir).demoFile))?.users ?? [];
}

/**
 * Runs work once for the demo users.
 *
 * @returns whether it was run now; false also when there are no demo users.
 */
export async function onceForDemoUsers(
  file: string,
  work: (users: readonly DemoUser[]) => Promise<void>,
): Promise<boolean> {
  const known = await load(file);
  if (known === undefined || !known.done || known.hasAssets === true) return false;
  await work(known.users);
  await save(file, { ...known, hasAssets: true });
  return true;
}

interface DemoFile {
  readonly users: readonly DemoUser[];
  readonly done: boolean;
  /** Their assets exist too. */
  readonly hasAssets?: boolean;
}

async function promote(edge: Edge, users: readonly DemoUser[]): Promise<void> {
  const moderator = await edge.login(find(users, 'moderator'));
  const admin = await edge.login(find(users, 'admin'));
  await edge.setRoles(admin, { userId: moderator.userId, roles: ['member', 'moderator'] });
  await Promise.all([edge.logout(moderator), edge.logout(admin)]);
}

function invent(role: DemoUser['role']): DemoUser {
  return { role, email: emailOf(role), password: randomBytes(12).toString('base64url') };
}

function emailOf(role: string): string {
  return `${role}@demo.gatehouse.local`;
}

function accountOf(user: DemoUser) {
  return { email: user.email, password: user.password, nickname: `Demo ${user.role}` };
}

function member(users: readonly DemoUser[]): DemoUser {
  return find(users, 'member');
}

function find(users: readonly DemoUser[], role: DemoUser['role']): DemoUser {
  const user = users.find((each) => each.role === role);
  if (user === undefined) throw new Error(`there is no demo ${role}`);
  return user;
}

async function load(file: string): Promise<DemoFile | undefined> {
  const text = await readIfExists(file);
  if (text === undefined) return undefined;
  try {
    const value: DemoFile = JSON.parse(text);
    for (const role of ROLES) find(value.users, role);
    return value;
  } catch (cause) {
    throw new PlatformError(
      `${file} is damaged.`,
      'It holds the demo passwords, which cannot be recovered: "gatehouse reset" deletes the data folder.',
      { cause },
    );
  }
}

async function save(file: string, content: DemoFile): Promise<void> {
  await writePrivate(file, `${JSON.stringify(content, undefined, 2)}\n`);
}
