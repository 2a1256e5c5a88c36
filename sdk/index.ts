export type { Connection, TokenSource } from './ask.ts';
export { FileChanged, type FileFacts } from './download.ts';
export { type Patience, usualPatience, type Waiting } from './patience.ts';
export { type RefusalName, Refused } from './refused.ts';
export { type Grantee, tokenOfFile, tokenOfGrant, tokenOfSandbox, transferScopes } from './tokens.ts';
export { createTransfers, type Transfers } from './transfers.ts';
export { ConnectionLost } from './transport.ts';
export type { Part, Source, UploadOptions } from './upload.ts';
export type * from './wire.ts';
