import { parseArgs } from 'node:util';
import { randomFrom } from '../random.ts';
import { runHardWeather, type Squall, type Weathered } from './hard-weather.ts';

const help = `npm run weather:ladder -- [options]

Lets ladders run for two weeks on a clock that jumps, with one server that answers and two workers on one database: workers are killed
with -9, the mail gateway is gone for two days, the database is restarted. Checks that no step is taken twice and none is left out, that
each notice goes once, that the ladders are less than a minute behind after each recovery, and that all invariants hold.

  --seeds <n>     how many times, each with the next seed (1)
  --first <n>     the first seed (1)
  --letters <n>   how many letters (40)
  --help          this text
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { seeds: text, first: text, letters: text, help: { type: 'boolean' } } });
const whole = (name: 'seeds' | 'first' | 'letters', usual: number): number => {
  const value = Number(values[name] ?? usual);
  if (Number.isInteger(value) && value >= 1) return value;
  console.error(`--${name} must be a whole number above 0.\n\n${help}`);
  process.exit(2);
};

if (values.help) console.log(help);
else process.exitCode = await runAll(whole('seeds', 1), whole('first', 1), whole('letters', 40));

async function runAll(seeds: number, first: number, letters: number): Promise<number> {
  const done: Weathered[] = [];
  let failed = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    try {
      const weathered = await runHardWeather({ seed, letters, squalls: squallsOf(seed), tell: (line) => console.log(`  ${line}`) });
      done.push(weathered);
      console.log(`seed ${seed}: ${said(weathered)}`);
    } catch (error) {
      failed += 1;
      console.error(`seed ${seed} FAILED: ${error instanceof Error ? error.message : error}`);
    }
  }
  const most = (of: (one: Weathered) => number): string => (done.length === 0 ? '-' : Math.max(...done.map(of)).toFixed(1));
  const sum = (of: (one: Weathered) => number): number => done.reduce((total, one) => total + of(one), 0);
  console.log(`
seeds                     ${done.length} of ${seeds} without anything outside the invariants
letters                   ${sum((one) => one.letters)}, of which ${sum((one) => one.opened)} were opened
workers killed            ${sum((one) => one.kills)}; the database was restarted ${sum((one) => one.restarts)} times
steps taken               ${sum((one) => one.steps)}, none twice, none left out
notices                   ${sum((one) => one.notices)}, ${sum((one) => one.doubleNotices)} of them twice, over a death between the mail server's answer and our commit
late after a recovery     ${most((one) => one.driftSeconds)} s at most; in calm weather ${most((one) => one.calmDriftSeconds)} s`);
  return failed === 0 ? 0 : 1;
}

function said(one: Weathered): string {
  return `${one.kills} killed, ${one.steps} steps, ${one.notices} notices (${one.doubleNotices} twice), late for ${one.driftSeconds.toFixed(1)} s at most, ${one.seconds} s`;
}

/**
 * Fifteen days, in jumps that meet what falls due. The gateway goes before day 7, when reminders fall due, and comes back two days later, when
 * senders have been told; in between the database is restarted, at a time of the seed.
 */
function squallsOf(seed: number): Squall[] {
  const random = randomFrom(seed ^ 0x5eed);
  const restart = 2 + Math.floor(random() * 4);
  const killed = () => 1 + Math.floor(random() * 2);
  const squalls: Squall[] = [
    { hours: 2, kills: killed() },
    { hours: 154, kills: 0, gateway: 'down' },
    { hours: 14, kills: killed() }, // day 7
    { hours: 12, kills: killed() },
    { hours: 12, kills: killed() }, // day 8
    { hours: 10, kills: 0, gateway: 'up' },
    { hours: 60, kills: Math.floor(random() * 2) },
    { hours: 74, kills: killed() }, // day 14
    { hours: 14, kills: 1 },
  ];
  return squalls.map((squall, i) => (i === restart ? { ...squall, restartsDatabase: true } : squall));
}
