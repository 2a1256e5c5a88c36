import { createInterface } from 'node:readline/promises';
import { runServerCommand } from './server-command.ts';
import { ToldError } from './told-error.ts';

/** As they were given on the command line; what is missing is asked for. */
export interface InitOptions {
  readonly organization?: string;
  readonly name?: string;
  readonly code?: string;
  readonly administrator?: string;
  readonly administratorName?: string;
  readonly email?: string;
  readonly client?: string;
  readonly scopes: string;
  readonly another?: boolean;
}

const questions = [
  ['organization', "The organization's number"],
  ['name', 'Its name'],
  ['code', 'Its short code, as in digdir'],
  ['administrator', "The administrator's national identity number"],
  ['administratorName', 'The name of the administrator'],
  ['client', "A name for the organization's own system, such as my-system"],
] as const;

/**
 * Gathers what the first owner is and hands it to the server's own command, over a pipe: numbers of persons do not show in
 * the list of processes unless they were typed there. Gives its exit code.
 * Refuses (ToldError) what is missing where nobody can be asked.
 */
export async function initAdmin(options: InitOptions): Promise<number> {
  const said = await complete(options);
  const email = options.email === undefined ? {} : { email: options.email };
  const scopes = options.scopes.split(/[\s,]+/).filter((scope) => scope !== '');
  const document = {
    organization: { number: said.organization, name: said.name, code: said.code },
    administrator: { number: said.administrator, name: said.administratorName, ...email },
    ...(said.client === undefined ? {} : { client: { id: said.client, scopes } }),
    another: options.another ?? false,
  };
  return runServerCommand(['admin-init'], JSON.stringify(document));
}

type Name = (typeof questions)[number][0];
type Said = Readonly<Record<Exclude<Name, 'client'>, string>> & { readonly client?: string };

/** In production there is no issuer of our own that would know a client. */
const isAsked = (name: Name): boolean => name !== 'client' || process.env.BUDSTIKKE_MODE !== 'production';

async function complete(options: InitOptions): Promise<Said> {
  const missing = questions.filter(([name]) => isAsked(name) && options[name] === undefined);
  if (missing.length > 0 && !process.stdin.isTTY) {
    const names = missing.map(([name]) => `--${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`);
    throw new ToldError(`Nobody can be asked here, and this is missing: ${names.join(', ')}.`);
  }
  const answers = Object.fromEntries(questions.flatMap(([name]) => (options[name] === undefined ? [] : [[name, options[name]]])));
  if (missing.length === 0) return answers as unknown as Said;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    for (const [name, question] of missing) answers[name] = (await terminal.question(`${question}: `)).trim();
  } finally {
    terminal.close();
  }
  return answers as unknown as Said;
}
