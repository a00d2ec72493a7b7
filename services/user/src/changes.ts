/** What an UpdateMe asks to change, by its mask or, without one, by the members that are there. */
import type { UpdateMeRequest } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { userErrors } from './errors.ts';
import type { ProfileRow } from './profiles.ts';

type Changes = Partial<
  Pick<ProfileRow, 'nickname' | 'locale' | 'time_zone' | 'email_notifications' | 'interests'>
>;

/** Each member that may be changed, and the columns that it fills; absent: it is not there. */
const MEMBERS: Readonly<Record<string, (request: UpdateMeRequest) => Changes | undefined>> = {
  nickname: ({ nickname }) => (nickname === undefined ? undefined : { nickname }),
  settings: ({ settings }) =>
    settings && {
      locale: settings.locale,
      time_zone: settings.timeZone,
      email_notifications: settings.emailNotifications,
    },
  interests: ({ interests }) => ({ interests }),
};

/**
 * The columns to change. A mask decides alone; an absent or empty one means the members that are
 * present, and then an empty list of interests counts as absent.
 *
 * @throws GatehouseError `user.member` for a mask that names something else, or a member that
 *   cannot be cleared and is not there.
 */
export function changesOf(request: UpdateMeRequest): Changes {
  const paths = request.updateMask?.paths ?? [];
  return Object.assign({}, ...(paths.length === 0 ? presentIn(request) : paths).map(columnsOf));

  function columnsOf(path: string): Changes {
    const member = Object.hasOwn(MEMBERS, path) ? MEMBERS[path] : undefined;
    if (member === undefined) throw fault('/updateMask', 'names a member that cannot be changed');
    const columns = member(request);
    if (columns === undefined) throw fault(`/${path}`, 'cannot be cleared: give a value');
    return columns;
  }
}

function presentIn(request: UpdateMeRequest): readonly string[] {
  return Object.keys(MEMBERS).filter((path) => {
    if (path === 'interests') return request.interests.length > 0;
    return MEMBERS[path]?.(request) !== undefined;
  });
}

function fault(pointer: string, detail: string) {
  return userErrors.MEMBER({ fields: [{ pointer, detail }] });
}
