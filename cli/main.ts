import { resolve } from 'node:path';
import { Command } from 'commander';
import { type InitOptions, initAdmin } from './admin-init.ts';
import { advanceClock, tellClock } from './clock.ts';
import { type ImportOptions, importRegister } from './import-register.ts';
import { seed } from './seed.ts';
import { runServerCommand } from './server-command.ts';
import { ToldError } from './told-error.ts';
import { transferCommand } from './transfer/command.ts';
import { fetchUnread, type UnreadOptions } from './unread.ts';

const sandboxUrl = ['--url <address>', 'where the sandbox answers', 'http://127.0.0.1:7070'] as const;

const program = new Command('budstikke')
  .description('Digital post that does not lie unread.')
  .showHelpAfterError('(budstikke --help tells what there is)');

program
  .command('seed')
  .description(
    'loads a town document (parties, roles, grants, resources, clients) into a running sandbox; loading it twice changes nothing',
  )
  .argument('<town.json>', 'the document')
  .option(...sandboxUrl)
  .action(async (file: string, { url }: { url: string }) => console.log(await seed(file, url)));

const clock = program
  .command('clock')
  .description('tells what time a running sandbox takes it to be')
  .option(...sandboxUrl)
  .action(async ({ url }: { url: string }) => console.log(await tellClock(url)));

clock
  .command('advance')
  .description('lets time pass in a running sandbox: what falls due on the way is done, in order')
  .argument('<duration>', 'in weeks, days, hours, minutes and seconds, such as P7D or PT36H')
  .action(async (duration: string, _own: object, command: Command) =>
    console.log(await advanceClock(duration, command.optsWithGlobals<{ url: string }>().url)),
  );

program
  .command('unread')
  .description("fetches a sender's unread post as CSV")
  .requiredOption('--url <address>', 'where Budstikke answers')
  .requiredOption('--token-file <path>', "a file that holds the sender's token")
  .option('--csv [path]', 'where it is written; to the screen when left out')
  .option('--cause <cause>', 'of one cause alone, such as no-opener')
  .option('--older-than <days>', 'unread for so long, such as P7D')
  .option('--bom', 'so that Excel knows that it is UTF-8')
  .option('--no-numbers', 'without national identity numbers')
  .action((options: UnreadOptions) => fetchUnread(options));

program.addCommand(transferCommand());

const onServersMachine = `
Runs on the server's machine, as the server's user and with the server's settings (BUDSTIKKE_DATA_DIR, BUDSTIKKE_BLOB_DIR).`;

program
  .command('backup')
  .description('copies the embedded database and all bytes that it names into a new directory; the server may run')
  .argument('<target>', 'a directory that does not exist; it appears when the copy is complete')
  .addHelpText('after', onServersMachine)
  .action(async (target: string) => {
    process.exitCode = await runServerCommand(['backup', target]);
  });

program
  .command('keys')
  .description('the keys that bytes are encrypted by at rest')
  .command('rotate')
  .description('wrap all data keys by the first key of the file; may be broken off and run again')
  .addHelpText('after', onServersMachine)
  .action(async () => {
    process.exitCode = await runServerCommand(['keys-rotate']);
  });

program
  .command('restore')
  .description('puts a back-up into an empty data directory, after checking every file of it')
  .argument('<source>', 'what backup made')
  .addHelpText('after', `${onServersMachine}\nThe server must not run; the next start goes on from where the back-up was made.`)
  .action(async (source: string) => {
    process.exitCode = await runServerCommand(['restore', source]);
  });

const importing = program
  .command('import')
  .description("loads a town document (parties, roles, grants, resources) into the server's database; loading it twice changes nothing")
  .argument('<town.json>', 'the document; its schema is server/sandbox/town.schema.json')
  .addHelpText('after', `${onServersMachine}\nThe server may run. In production a document has no clients.`)
  .action(async (file: string) => {
    process.exitCode = await runServerCommand(['import', resolve(file)]);
  });

program
  .command('admin')
  .description('what an operator sets up')
  .command('init')
  .description(
    'sets up the first owner of services: an organization and who administers it; in a sandbox also a client, with a link for its public key',
  )
  .option('--organization <number>', "the organization's number")
  .option('--name <name>', 'its name')
  .option('--code <code>', 'its short code, as in digdir')
  .option('--administrator <number>', 'national identity number of the person who gives out rights at it')
  .option('--administrator-name <name>', 'the name of that person')
  .option('--email <address>', 'where that person is told of post that nobody may open')
  .option('--client <id>', "sandbox only: a name for the organization's own system")
  .option('--scopes <list>', 'sandbox only: what that system may ask for', 'altinn:serviceowner,altinn:correspondence.write')
  .option('--another', 'when there is an owner already')
  .addHelpText('after', `${onServersMachine}\nWhat is left out is asked for.`)
  .action(async (options: InitOptions) => {
    process.exitCode = await initAdmin(options);
  });

importing
  .command('enhetsregisteret')
  .description(
    'reads the open files of the Register of Legal Entities: organizations, subunits, roles; again each day, it changes only what has changed',
  )
  .option('--units <file>', 'enheter, as the register publishes it: a JSON array, compressed by gzip or not')
  .option('--subunits <file>', 'underenheter')
  .option('--roles <file>', 'roller')
  .option('--dry-run', 'tells what would change, and changes nothing')
  .option('--accept-loss', 'goes on although the files lack much of what was read in before')
  .addHelpText('after', `${onServersMachine}\nThe server may run. Broken off, the same command goes on where it was.`)
  .action(async (options: ImportOptions) => {
    process.exitCode = await importRegister(options);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ToldError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
