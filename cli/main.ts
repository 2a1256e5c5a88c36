import { Command } from 'commander';
import { seed } from './seed.ts';
import { ToldError } from './told-error.ts';

const program = new Command('budstikke')
  .description('Digital post that does not lie unread.')
  .showHelpAfterError('(budstikke --help tells what there is)');

program
  .command('seed')
  .description(
    'loads a town document (parties, roles, grants, resources, clients) into a running sandbox; loading it twice changes nothing',
  )
  .argument('<town.json>', 'the document')
  .option('--url <address>', 'where the sandbox answers', 'http://127.0.0.1:7070')
  .action(async (file: string, { url }: { url: string }) => console.log(await seed(file, url)));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ToldError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
