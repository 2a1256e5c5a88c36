export { type BackedUp, type BackUpOptions, backUp } from './back-up.ts';
export { type RestoreOptions, restore } from './restore.ts';
