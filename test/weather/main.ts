import { parseArgs } from 'node:util';
import { runWeather } from './weather.ts';

const help = `npm run weather -- [options]

Sends letters while servers, workers and the database are killed with -9, and checks that nothing that was answered 200 is lost or
doubled, that every letter is watched and told of, and that all invariants hold.

  --seed <n>      repeat a run; without it a number is drawn and printed
  --kills <n>     how many are killed, spread over the run (100)
  --sends <n>     how many letters are sent (500)
  --apis <n>      processes that answer (2)
  --workers <n>   processes that work; with 0 those that answer do it (2)
  --help          this text
`;

const number = { type: 'string' } as const;
const { values } = parseArgs({
  options: { seed: number, kills: number, sends: number, apis: number, workers: number, help: { type: 'boolean' } },
});
if (values.help) {
  console.log(help);
} else {
  const of = (name: 'seed' | 'kills' | 'sends' | 'apis' | 'workers', usual: number): number => {
    const value = Number(values[name] ?? usual);
    if (Number.isInteger(value) && value >= (name === 'apis' || name === 'sends' ? 1 : 0)) return value;
    console.error(`--${name} must be a whole number.\n\n${help}`);
    process.exit(2);
  };
  const seed = of('seed', Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const survived = await runWeather({
    seed,
    kills: of('kills', 100),
    sends: of('sends', 500),
    apis: of('apis', 2),
    workers: of('workers', 2),
    tell: (line) => console.log(line),
  });
  const { sent, acknowledged, opened, killed, doubleNotices, seconds } = survived;
  console.log(`
letters sent              ${sent}, none lost, none doubled
  answered 200            ${acknowledged}; the others were looked up by their key
  opened                  ${opened}
killed                    ${killed.api} servers, ${killed.worker} workers, ${killed.database} times the database
notices that went twice   ${doubleNotices}, each over a death between the mail server's answer and our commit
invariants                hold
took                      ${seconds} s`);
}
