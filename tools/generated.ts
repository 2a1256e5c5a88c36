import { fileURLToPath } from 'node:url';
import { printOpenapi } from '../server/app.ts';
import { migrate, printSchema } from '../server/db/index.ts';
import { silentLog } from '../server/kernel/log.ts';
import { printTownSchema } from '../server/sandbox/index.ts';
import { withScratchCluster } from '../test/cluster.ts';
import { printConfiguration } from './print-configuration.ts';
import { printRefusals } from './print-refusals.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** A file that is made from another truth: `npm run print` writes it, `npm run check` compares it. */
export interface Generated {
  readonly path: string;
  readonly print: () => Promise<string>;
}

export const generated: readonly Generated[] = [
  { path: 'server/db/schema.sql', print: printMigratedSchema },
  { path: 'docs/configuration.md', print: async () => printConfiguration() },
  { path: 'server/sandbox/town.schema.json', print: async () => printTownSchema() },
  { path: 'docs/api/openapi.json', print: printOpenapi },
  { path: 'sdk/refusals.json', print: async () => printRefusals() },
];

/** The schema as the catalogs have it after all migrations, on an empty PostgreSQL of its own. */
function printMigratedSchema(): Promise<string> {
  return withScratchCluster(async (url) => {
    await migrate(url, silentLog);
    return printSchema(url);
  });
}
