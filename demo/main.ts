import { parseArgs } from 'node:util';
import { castOf, readTown } from './cast.ts';
import { type Client, createClient } from './client.ts';
import { createCallers } from './incident/stage.ts';
import { loadWorld, tellIncident } from './incident/tell-incident.ts';
import { makeWorld } from './incident/world.ts';
import { timelineOf } from './own-api.ts';
import { checkAll, type Scene } from './scene.ts';
import { type Folder, lastLines, launchServer, makeFolder, type ServerProcess } from './server-process.ts';
import { type MailSink, startMailSink } from './sink.ts';
import { tellFileStory } from './story-file.ts';
import { tellPoliceStory } from './story-police.ts';
import { tellReminderStory } from './story-reminder.ts';
import { tellTaxStory } from './story-tax.ts';
import { createTable, RowNotTrue, type Table } from './table.ts';
import { notchesOf } from './timeline.ts';

const help = `npm run demo [-- [incident] options]

Three letters and a file, from sender to receipt, on a real server with a real database and a real mail server, on a port
and in a folder of their own. Ends with 0 when every row was true, with 1 when one was not.

  incident          instead: what lay unread until 2023, sent once more, day by day (docs/incident.md); some minutes
  --small           with incident: a tenth of it, in the last months
  --port <number>   the server's port (otherwise a free one)
  --keep            leave the data and the server's log behind, and say where they are
  --help            this text
`;

const begun = Date.now();
const seconds = (): string => ((Date.now() - begun) / 1000).toFixed(1);

/** What is running or about to, so that it can be taken down in order from wherever we are. */
const running: { server?: Promise<ServerProcess>; mails?: Promise<MailSink>; folder?: Promise<Folder> } = {};
let stopping: Promise<void> | undefined;
let isInterrupted = false;

/** Says nothing more once it is interrupted: what fails then fails because we are leaving. */
const output = {
  isTTY: process.stdout.isTTY,
  columns: process.stdout.columns,
  write: (text: string): boolean => isInterrupted || process.stdout.write(text),
};

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;
  // Ctrl-C comes twice (from the terminal and from npm): the second must not cut the taking down short.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void interrupt(signal, options.keep));
  try {
    await (options.incident ? playIncident(options) : play(options.port));
    await takeDown(options.keep);
    return isInterrupted ? 130 : 0;
  } catch (error) {
    if (!isInterrupted) await explain(error);
    await takeDown(options.keep);
    return isInterrupted ? 130 : 1;
  }
}

async function play(port: number | undefined): Promise<void> {
  const table = createTable(output);
  const { nobody, mails } = await startAll(table, port);
  const town = readTown();
  const seeded = await nobody.post('/budstikke/v1/sandbox/seed', town);
  if (seeded.status >= 300) throw new Error(`The town was not loaded: ${seeded.status} ${seeded.text.slice(0, 1000)}`);
  const { path: folder } = (await running.folder)!;
  const scene: Scene = { nobody, mails, cast: castOf(town), table, folder };
  const { cast } = scene;

  table.chapter(
    '1  The letter that nobody may open',
    `${cast.police.name} writes to ${cast.municipality.name} about a child. Nobody there holds the right to open such post. This is how letters once lay unread for years, and nobody knew.`,
  );
  const police = await tellPoliceStory(scene);
  table.chapter('2  The tax letter', `${cast.taxAgency.name} writes to ${cast.citizen.name}, with a PDF and a link to answer by.`);
  const tax = await tellTaxStory(scene);
  table.chapter(
    '3  The letter that waits',
    `${cast.taxAgency.name} writes again, and ${cast.citizen.name} lets the letter lie. The clock of the sandbox is moved by a week.`,
  );
  const reminder = await tellReminderStory(scene);
  table.chapter(
    '4  The file that is cut off',
    `${cast.police.name} sends ${cast.taxAgency.name} a file by the command line, which is killed in the middle. The same command goes on, and the hashes of all three agree.`,
  );
  await tellFileStory(scene);
  table.chapter('5  All of it once more', 'Everything is read again, from the server and from the mail server.');
  await checkAll(scene, [police, tax, reminder]);
  table.heading('The sticks', 'The life of each letter by its evidence, newest at the top, and what each step proves.');
  for (const { title, sender, id } of [police, tax, reminder]) table.stick(title, notchesOf(await timelineOf(sender, id)));

  table.line('');
  table.line(`All ${table.rows} rows are true. ${seconds()} s.`);
}

async function playIncident({ port, small: isSmall }: Options): Promise<void> {
  const table = createTable(output);
  const { nobody, mails } = await startAll(table, port);
  const world = makeWorld({ isSmall });
  await loadWorld(nobody, world);
  await tellIncident({ nobody, mails, table, as: createCallers(nobody) }, world, { isSmall });
  table.line('');
  table.line(`All of it is true. ${seconds()} s.`);
}

/** A server, empty, and a mail server. */
async function startAll(table: Table, port: number | undefined): Promise<{ readonly nobody: Client; readonly mails: MailSink }> {
  table.line('Budstikke. Post som ikke blir liggende.');
  table.waiting('starting the server and its database');
  running.mails = startMailSink();
  const mails = await running.mails;
  running.folder = makeFolder('demo');
  const folder = await running.folder;
  const environment = { BUDSTIKKE_MODE: 'sandbox', BUDSTIKKE_SANDBOX_IMPLICIT: 'none', BUDSTIKKE_SMTP_URL: mails.url };
  running.server = launchServer({ folder, port, environment });
  const { url, ready, pid } = await running.server;
  await ready;
  table.line(`A server of its own is ready on ${url} after ${seconds()} s (process ${pid}).`);
  return { nobody: createClient(url), mails };
}

async function explain(error: unknown): Promise<void> {
  const folder = await running.folder?.catch(() => undefined);
  if (!(error instanceof RowNotTrue)) process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
  else if (folder) process.stderr.write(`\nNot all of it is true. The server's last lines:\n\n${lastLines(folder, 8)}\n`);
}

interface Options {
  readonly incident: boolean;
  readonly small: boolean;
  readonly port: number | undefined;
  readonly keep: boolean;
}

function readOptions(): Options | number {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        small: { type: 'boolean' },
        port: { type: 'string' },
        keep: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const unknown = positionals.find((one, i) => one !== 'incident' || i > 0);
    const incident = positionals.length > 0;
    const small = values.small ?? false;
    const port = values.port === undefined ? undefined : Number(values.port);
    if (values.help) {
      process.stdout.write(help);
      return 0;
    }
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
      throw new Error(`--port ${values.port} is not a port.`);
    if (unknown !== undefined) throw new Error(`There is nothing called ${unknown} to play.`);
    if (small && !incident) throw new Error('--small goes with incident.');
    return { incident, small, port, keep: values.keep ?? false };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${help}`);
    return 2;
  }
}

async function interrupt(signal: string, keep: boolean): Promise<void> {
  if (isInterrupted) return;
  isInterrupted = true;
  process.stdout.write(`\n${signal}: stopping the server.\n`);
  await takeDown(keep);
  process.exit(130);
}

/** Stops the server by its own process id, then the mail server, then removes what they have left. Once, whoever asks. */
function takeDown(keep: boolean): Promise<void> {
  stopping ??= (async () => {
    const code = await (await running.server)?.stop();
    await (await running.mails)?.close();
    const folder = await running.folder?.catch(() => undefined);
    if (keep && folder) process.stdout.write(`\nData and log are kept in ${folder.path}\n`);
    else await folder?.remove();
    if (code) throw new Error(`The server ended with ${code} when it was asked to stop.`);
  })();
  return stopping;
}
