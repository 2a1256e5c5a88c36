import { parseArgs } from 'node:util';
import { runSoak } from './soak.ts';
import { showVerdicts } from './verdict.ts';

const help = `npm run soak -- [options]

Sends letters, opens them and lists inboxes at half of what the server can, for minutes, and looks whether memory, connections, open
files, the age of what is due and the delay of the event loop stay flat. docs/performance.md tells what flat means. Exit code 0: all flat.

  --minutes <n>   how long (10)
  --rate <n>      requests a second, instead of half of what is measured at the beginning
  --json <file>   writes every sample
  --help          this text
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { minutes: text, rate: text, json: text, help: { type: 'boolean' } } });
if (values.help) {
  console.log(help);
} else {
  const of = (name: 'minutes' | 'rate', usual: number | null): number | null => {
    const value = values[name] === undefined ? usual : Number(values[name]);
    if (value === null || value > 0) return value;
    console.error(`--${name} must be a number greater than 0.\n\n${help}`);
    process.exit(2);
  };
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const { verdicts, done, failed } = await runSoak({
    minutes: of('minutes', 10)!,
    rate: of('rate', null),
    json: values.json,
    stop: stop.signal,
    tell: (line) => console.log(line),
  });
  console.log(showVerdicts(verdicts));
  console.log(
    `${done} requests answered${failed.length > 0 ? `, ${failed.length} failed:\n${failed.slice(0, 10).join('\n')}` : ', none failed'}`,
  );
  process.exitCode = stop.signal.aborted ? 130 : verdicts.every(({ isFlat }) => isFlat) && failed.length === 0 ? 0 : 1;
}
