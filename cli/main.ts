import { Command } from 'commander';
import { advanceClock, tellClock } from './clock.ts';
import { seed } from './seed.ts';
import { ToldError } from './told-error.ts';

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

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ToldError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
