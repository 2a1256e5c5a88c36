import { readConfig } from './config.ts';
import { createLog } from './kernel/log.ts';
import { StartError } from './kernel/start-error.ts';

const help = `node server/main.ts [role]

  all       (default) migrates the database, serves requests and does the work that follows them
  api       migrates, serves requests; any number of these may run on one database
  worker    migrates, does the work that follows: notices, scans, purges; any number
  migrate   brings the database to the schema of this version, and ends

or a command, on the server's machine and with the server's settings:

  backup <target>    copies the embedded database and all bytes into a new directory, while the server runs
  restore <source>   puts such a copy into an empty data directory
  keys-rotate        wraps all data keys by the first key of BUDSTIKKE_ENCRYPTION_KEYS
  import <document>  loads a town document: parties, roles, resources, grants
  admin-init         sets up the first owner of services; called by budstikke admin init
  import-enhetsregisteret
                     reads the open files of the Register of Legal Entities; called by budstikke import enhetsregisteret
  reset              removes database and bytes from the data directory of a sandbox

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
  try {
    if (role && rest.length === 0) {
      const config = readConfig(process.env);
      const { serve } = await import('./serve.ts'); // all that a server is made of: who is refused before it need not wait for that
      return await serve(role, config, createLog(config.LOG_LEVEL));
    }
    const { commands, operate } = await import('./operate.ts');
    const command = Object.hasOwn(commands, wanted) ? commands[wanted] : undefined;
    if (rest.length !== command?.takes.length) {
      console.error(`There is no role "${[wanted, ...rest].join(' ')}".\n\n${help}`);
      return 2;
    }
    const config = readConfig(process.env);
    return await operate(command, config, rest, createLog(config.LOG_LEVEL));
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    return 1;
  }
}
