/** What every process needs, by Node alone: back-off, files that are followed, the nearest known word. */
export { type BackOff, backOffMs } from './back-off.ts';
export {
  FollowedFiles,
  type FollowedFilesOptions,
  UnreadableFile,
} from './followed-files.ts';
export { nearest } from './nearest.ts';
