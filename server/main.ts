import { type Config, readConfig } from './config.ts';
import { createLog } from './kernel/log.ts';
import { StartError } from './kernel/start-error.ts';
import { reset } from './reset.ts';
import { serve } from './serve.ts';

const help = `node server/main.ts [role]

  all       (default) migrates the database, serves requests and does the work that follows them
  api       migrates, serves requests; any number of these may run on one database
  worker    migrates, does the work that follows: notices, scans, purges; any number
  migrate   brings the database to the schema of this version, and ends
  reset     removes database and bytes from the data directory of a sandbox, and ends

Settings are environment variables that begin with BUDSTIKKE_; docs/configuration.md lists them.
Exit codes: 0 ended as asked, 1 could not start or failed, 2 wrong use.
`;

const roles = ['all', 'api', 'worker', 'migrate'] as const;

process.exit(await main(process.argv.slice(2)));

async function main([wanted = 'all', ...rest]: readonly string[]): Promise<number> {
  if (wanted === '--help' || wanted === '-h' || wanted === 'help') {
    console.log(help);
    return 0;
  }
  const role = roles.find((each) => each === wanted);
  if (rest.length > 0 || (!role && wanted !== 'reset')) {
    console.error(`There is no role "${[wanted, ...rest].join(' ')}".\n\n${help}`);
    return 2;
  }
  try {
    const config = readConfig(process.env);
    return role ? await serve(role, config, createLog(config.LOG_LEVEL)) : await resetNow(config);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function resetNow(config: Config): Promise<number> {
  console.log(await reset(config, createLog(config.LOG_LEVEL)));
  return 0;
}
