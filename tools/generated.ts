import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printOpenapi } from '../server/app.ts';
import { printConfiguration } from '../server/config.ts';
import { startEmbedded } from '../server/db/embedded/index.ts';
import { migrate, printSchema } from '../server/db/index.ts';
import { silentLog } from '../server/kernel/log.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** A file that is made from another truth: `npm run print` writes it, `npm run check` compares it. */
export interface Generated {
  readonly path: string;
  readonly print: () => Promise<string>;
}

export const generated: readonly Generated[] = [
  { path: 'server/db/schema.sql', print: printMigratedSchema },
  { path: 'docs/configuration.md', print: async () => printConfiguration() },
  { path: 'docs/api/openapi.json', print: printOpenapi },
];

/** The schema as the catalogs have it after all migrations, on an empty PostgreSQL of its own. */
async function printMigratedSchema(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'budstikke-print-'));
  try {
    const embedded = await startEmbedded({ dataDir, log: silentLog, durable: false });
    try {
      await migrate(embedded.url, silentLog);
      return await printSchema(embedded.url);
    } finally {
      await embedded.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
