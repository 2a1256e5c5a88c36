export type { RelayContext } from './context.ts';
export { relayErrors } from './errors.ts';
export { createDirectoryHouse } from './house/directory-house.ts';
export type { Envelope, PackedFile, PrintHouse } from './house/print-house.ts';
export { createSftpHouse } from './house/sftp/sftp-house.ts';
export { type EnclosedFile, lettersForPaper, type PaperLetter } from './letter.ts';
export { nextRelayDueAt } from './store.ts';
export { takeForPaper } from './take-for-paper.ts';
