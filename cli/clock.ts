import { askSandbox, readProblem } from './sandbox.ts';
import { ToldError } from './told-error.ts';

const path = '/budstikke/v1/sandbox/clock';

interface Clock {
  readonly now: string;
  readonly shift: string;
  readonly stops?: readonly { readonly at: string; readonly due: string }[];
}

/** What time it is in a sandbox. Refuses (ToldError) what it cannot ask. */
export async function tellClock(url: string): Promise<string> {
  return described(await ask(url));
}

/**
 * Lets time pass in a sandbox by a duration of ISO 8601, and tells the due times that it passed. Refuses (ToldError) what
 * the sandbox refuses, with its reason.
 */
export async function advanceClock(duration: string, url: string): Promise<string> {
  const body = JSON.stringify({ advance: duration });
  const clock = await ask(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const stops = (clock.stops ?? []).map(({ at, due }) => `  ${at}  ${due}`);
  return [...stops, described(clock)].join('\n');
}

async function ask(url: string, request?: RequestInit): Promise<Clock> {
  const response = await askSandbox(url, path, request);
  const body = await response.text();
  if (response.ok) return JSON.parse(body) as Clock;
  if (response.status === 404) throw new ToldError(`${url} knows no ${path}. Is it a Budstikke in sandbox mode?`);
  const { detail, title } = readProblem(body);
  throw new ToldError(`The clock was not moved as wished (${response.status}): ${detail ?? title ?? 'no reason was given'}`);
}

function described({ now, shift }: Clock): string {
  return shift === 'PT0S' ? `It is ${now}, as everywhere.` : `It is ${now} in the sandbox, ${shift} ahead of the real time.`;
}
