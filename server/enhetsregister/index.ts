export type { Files } from './files.ts';
export { type ImportContext, type ImportOptions, importRegister } from './import-register.ts';
export { createProgress, type Progress } from './progress.ts';
export { sayCounts } from './say-counts.ts';
export type { Counts } from './store/import.ts';
export { type Addresses, findAddresses } from './store/unit.ts';
