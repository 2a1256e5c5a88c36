export { type BackedUp, type BackUpOptions, backUp, type KeptStore } from './back-up.ts';
export { type RestoreOptions, restore } from './restore.ts';
