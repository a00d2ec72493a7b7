/** What every process needs, by Node alone: back-off, files that are followed, a local server, the nearest word. */
export { type BackOff, backOffMs } from './back-off.ts';
export {
  FollowedFiles,
  type FollowedFilesOptions,
  UnreadableFile,
} from './followed-files.ts';
export {
  type LocalResponse,
  type LocalServer,
  type LocalServerOptions,
  startLocalServer,
} from './local-server.ts';
export { nearest } from './nearest.ts';
