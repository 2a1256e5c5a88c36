export { answers } from './answers.ts';
export { checkDatabase } from './check.ts';
export { type Clock, createClock } from './clock.ts';
export { createDatabase, type Database, type DatabaseOptions } from './database.ts';
export { CommitUnknown, isConnectionLoss } from './errors.ts';
export { type Answer, createJoiner, type JoinedWork, type Joiner, type JoinerLimits, type Weight } from './joiner.ts';
export { migrate } from './migrate.ts';
export { migrationsDigest } from './migrations.ts';
export { printSchema } from './schema.ts';
