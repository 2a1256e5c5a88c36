import { readFileSync } from 'node:fs';
import { askSandbox, readProblem } from './sandbox.ts';
import { ToldError } from './told-error.ts';

const path = '/budstikke/v1/sandbox/seed';

/**
 * Sends a town document to a sandbox and gives a table of what it did, one line for each list of the document.
 * Refuses (ToldError) a file that cannot be read, is no JSON, or that the sandbox refuses, with the sandbox's reasons.
 */
export async function seed(file: string, url: string): Promise<string> {
  const document = readDocument(file);
  const response = await askSandbox(url, path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: document });
  const body = await response.text();
  if (!response.ok) throw new ToldError(whyRefused(file, url, response.status, body));
  return table(JSON.parse(body) as Summary);
}

type Counts = Readonly<Record<string, number>>;
type Summary = Readonly<Record<string, Counts>>;

function readDocument(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ToldError(code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${code}).`);
  }
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new ToldError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

function whyRefused(file: string, url: string, status: number, body: string): string {
  if (status === 404) return `${url} knows no ${path}. Is it a Budstikke in sandbox mode?`;
  const { title, detail, errors = {} } = readProblem(body);
  const reasons = Object.entries(errors).flatMap(([where, whats]) => whats.map((what) => `  ${where}: ${what}`));
  return [`${file} was refused (${status}): ${detail ?? title ?? 'no reason was given'}`, ...reasons].join('\n');
}

function table(summary: Summary): string {
  const lists = Object.entries(summary);
  const outcomes = [...new Set(lists.flatMap(([, counts]) => Object.keys(counts)))];
  const rows = [['', ...outcomes], ...lists.map(([list, counts]) => [list, ...outcomes.map((outcome) => String(counts[outcome] ?? 0))])];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number): string => (column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!));
  return rows.map((row) => row.map(cell).join('  ')).join('\n');
}
