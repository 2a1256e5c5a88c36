import { text } from 'node:stream/consumers';
import { seedAccess } from './access/index.ts';
import { backUp, restore } from './backup/index.ts';
import { openKept, openKeyring, rewrapBlobs, rewrapContentKeys, rotateKeys } from './blobs/index.ts';
import { blobDirectory, type Config } from './config.ts';
import { startEmbedded } from './db/embedded/index.ts';
import { checkDatabase, claimDatabase, createClock, createDatabase, isConnectionLoss, migrate } from './db/index.ts';
import { importRegisterAt, readImportRequest } from './import-enhetsregisteret.ts';
import { importTown, readTownFile } from './import-town.ts';
import type { Context } from './kernel/context.ts';
import type { Log } from './kernel/log.ts';
import { StartError } from './kernel/start-error.ts';
import { reset } from './reset.ts';
import { mark } from './serve.ts';
import { inviteOwner } from './setup/index.ts';

/** What an operator does on the server's machine: it ends by itself, and its answer is read by a person. */
interface Command {
  /** What it is called with. */
  readonly takes: readonly string[];
  /** Gives what is said last, and the exit code. */
  run(config: Config, args: readonly string[], means: Means): Promise<Done>;
}

interface Means {
  readonly log: Log;
  /** Set when Ctrl-C or a signal asks for an end. */
  readonly signal: AbortSignal;
}

interface Done {
  readonly said: string;
  readonly code: 0 | 1;
}

const tell = (line: string): void => console.log(line);

export const commands: Readonly<Record<string, Command>> = {
  reset: { takes: [], run: async (config, _, { log }) => ({ said: await reset(config, log), code: 0 }) },
  backup: { takes: ['target'], run: runBackUp },
  restore: { takes: ['source'], run: runRestore },
  'keys-rotate': { takes: [], run: runKeysRotate },
  'admin-init': { takes: [], run: runAdminInit },
  'import-enhetsregisteret': { takes: [], run: runRegisterImport },
  import: { takes: ['document'], run: runImport },
};

/** Runs a command to its end, or breaks it off cleanly when a signal comes. */
export async function operate(command: Command, config: Config, args: readonly string[], log: Log): Promise<number> {
  const stopped = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => stopped.abort(new StartError('Broken off; nothing was left behind.')));
  }
  const { said, code } = await command.run(config, args, { log, signal: stopped.signal });
  console.log(said);
  return code;
}

async function runBackUp(config: Config, [target = '']: readonly string[], means: Means): Promise<Done> {
  refuseExternal(config, 'Back it up with pg_basebackup, and the bytes after it; docs/operating says how.');
  const { files, bytes, broken } = await withCauses(() =>
    backUp({
      dataDir: config.DATA_DIR,
      blobDir: blobDirectory(config),
      ...(config.S3_BUCKET === undefined ? { storeOf: (db) => openKept(db, blobDirectory(config), config.ENCRYPTION_KEYS) } : {}),
      target,
      tell,
      ...means,
    }),
  );
  const whole = [
    `The back-up ${target} is complete: ${files} files, ${Math.ceil(bytes / 1_000_000)} MB.`,
    ...(config.S3_BUCKET === undefined
      ? []
      : [
          `It holds the database only. The bytes lie in the bucket ${config.S3_BUCKET}: keep its versions for as long as this back-up, or copy it now.`,
        ]),
    ...(config.ENCRYPTION_KEYS === undefined
      ? []
      : [`The keys of ${config.ENCRYPTION_KEYS} are not in it, and without them it cannot be read. Keep a copy of them elsewhere.`]),
  ].join('\n');
  if (broken.length === 0) return { said: whole, code: 0 };
  const some = broken.slice(0, 20).map((key) => `  ${key}`);
  return {
    said: [whole, `But ${broken.length} blobs that the database names are gone from the store, or were changed in it:`, ...some].join('\n'),
    code: 1,
  };
}

async function runKeysRotate(config: Config, _: readonly string[], { log, signal }: Means): Promise<Done> {
  return withContext(config, log, async ({ db }) => {
    const keyring = await openKeyring(db, config.ENCRYPTION_KEYS);
    try {
      const { rewrapped, retired, stillUsed, damaged } = await rotateKeys(db, keyring, [rewrapBlobs, rewrapContentKeys], signal);
      const lines = [
        `${rewrapped} data keys are wrapped anew, by "${keyring.current}".`,
        ...(retired.length > 0
          ? [`Nothing needs ${retired.join(', ')} any more: once no back-up does either, they may leave the file.`]
          : []),
        ...(stillUsed.length > 0
          ? [
              `Meanwhile something came that is wrapped by ${stillUsed.join(', ')}: restart all servers with the present file, then run this again.`,
            ]
          : []),
        ...(damaged.length > 0
          ? [
              `But ${damaged.length} data keys cannot be opened: they were changed in the database. What they encrypt cannot be read, and keeps the old key in use. They are those of these blobs, or of texts:`,
              ...damaged.slice(0, 100).map((key) => `  ${key}`),
            ]
          : []),
      ];
      return { said: lines.join('\n'), code: stillUsed.length + damaged.length > 0 ? 1 : 0 };
    } catch (error) {
      if (!signal.aborted) throw error;
      return { said: 'Broken off. What was wrapped anew stays; the same command goes on from there.', code: 1 };
    }
  });
}

async function runRestore(config: Config, [source = '']: readonly string[], { signal }: Means): Promise<Done> {
  refuseExternal(config, 'Restore it with the means of PostgreSQL; docs/operating says how.');
  await withCauses(() => restore({ source, dataDir: config.DATA_DIR, blobDir: blobDirectory(config), signal, tell }));
  mark(config.DATA_DIR);
  return { said: `Restored into ${config.DATA_DIR}. Start the server: it recovers the database and goes on from there.`, code: 0 };
}

/** Reads from its input what `budstikke admin init` has gathered. */
async function runAdminInit(config: Config, _: readonly string[], { log }: Means): Promise<Done> {
  const request = parse(await text(process.stdin));
  if (config.MODE === 'production' && request.client !== undefined)
    throw new StartError('In production clients are registered with the issuers that BUDSTIKKE_ISSUERS names. Leave the client out.');
  const token = await withContext(config, log, async (ctx) => {
    await seedAccess(ctx);
    return inviteOwner(ctx, request);
  });
  if (token === undefined) return { said: 'The owner is set up. What comes next: docs/operating/install.md.', code: 0 };
  const link = `${config.PUBLIC_URL ?? `http://localhost:${config.PORT}`}/budstikke/v1/setup/${token}`;
  const said = `The owner is set up. Within 24 hours, and once, whoever runs its system hands in a public key by this link:

  ${link}

  curl ${link} --json "$(jq -Rs '{publicKeyPem: .}' public.pem)"

With the private key it then asks this sandbox for tokens (docs/tokens.md). Whoever has the link decides which key is trusted.`;
  return { said, code: 0 };
}

async function runImport(config: Config, [file = '']: readonly string[], { log }: Means): Promise<Done> {
  const document = readTownFile(file);
  return { said: await withContext(config, log, (ctx) => importTown(ctx, document, config.MODE)), code: 0 };
}

function withContext<T>(config: Config, log: Log, work: (ctx: Context) => Promise<T>): Promise<T> {
  return withDatabase(config, log, async (url) => {
    const db = createDatabase({ url, maxConnections: 2, applicationName: 'budstikke operator' });
    try {
      const clock = createClock(db);
      await clock.refresh();
      return await work({ db, now: clock.now, log });
    } finally {
      await db.close();
    }
  });
}

/** Reads from its input what `budstikke import enhetsregisteret` was called with. */
async function runRegisterImport(config: Config, _: readonly string[], { log, signal }: Means): Promise<Done> {
  const request = readImportRequest(parse(await text(process.stdin)));
  try {
    return { said: await withDatabase(config, log, (url) => importRegisterAt(url, request, log, signal)), code: 0 };
  } catch (error) {
    if (!signal.aborted) throw error;
    return { said: 'Broken off. What was applied stays; the same command goes on from there.', code: 1 };
  }
}

function parse(given: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(given));
  } catch {
    throw new StartError('What came on the input is not JSON. Use the command `budstikke`.');
  }
}

/** The database of the settings, up to date, for as long as `work` takes. */
async function withDatabase<T>(config: Config, log: Log, work: (url: string) => Promise<T>): Promise<T> {
  const embedded = config.DATABASE_URL === undefined ? await startEmbedded({ dataDir: config.DATA_DIR, log }) : undefined;
  try {
    if (embedded) mark(config.DATA_DIR);
    const url = embedded?.url ?? config.DATABASE_URL!;
    await checkDatabase(url);
    await migrate(url, log);
    await claimDatabase(url, config.MODE);
    return await work(url);
  } finally {
    await embedded?.stop();
  }
}

function refuseExternal({ DATABASE_URL }: Config, advice: string): void {
  if (DATABASE_URL !== undefined) throw new StartError(`BUDSTIKKE_DATABASE_URL names a database of your own. ${advice}`);
}

/** What a disk refuses, or a database that is stopped meanwhile, is the operator's to mend. */
async function withCauses<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isConnectionLoss(error)) throw new StartError('The database went away meanwhile; nothing was left behind. Try again.');
    const { code, path } = error as NodeJS.ErrnoException;
    const why = {
      ENOSPC: 'the disk is full',
      EDQUOT: 'the quota is used up',
      EACCES: 'it may not be read or written',
      EROFS: 'the disk is read-only',
      EIO: 'the disk has an error',
    }[code ?? ''];
    if (why === undefined) throw error;
    throw new StartError(`It failed and nothing was left behind: ${why}${path ? ` (${path})` : ''}.`);
  }
}
