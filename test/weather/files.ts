import { parseArgs } from 'node:util';
import { randomFrom } from '../random.ts';
import { runUploadWeather } from './uploads.ts';

const help = `node test/weather/files.ts [options]

Uploads files by tus-js-client while the server is killed with -9, and checks that nothing that was acknowledged has to come again and
that each file is published whole.

  --seed <n>      repeat a run; without it a number is drawn and printed
  --kills <n>     how often the server is killed, spread over the run (100)
  --files <n>     how many files (20)
  --largest <n>   mebibytes of the largest; the others are of any size below (1024; 20480 takes its time, and as much room twice)
  --help          this text
`;

const number = { type: 'string' } as const;
const { values } = parseArgs({ options: { seed: number, kills: number, files: number, largest: number, help: { type: 'boolean' } } });
if (values.help) {
  console.log(help);
} else {
  const of = (name: 'seed' | 'kills' | 'files' | 'largest', usual: number): number => {
    const value = Number(values[name] ?? usual);
    if (Number.isInteger(value) && value >= (name === 'files' || name === 'largest' ? 1 : 0)) return value;
    console.error(`--${name} must be a whole number.\n\n${help}`);
    process.exit(2);
  };
  const seed = of('seed', Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const random = randomFrom(seed);
  const [count, largest, kills] = [of('files', 20), of('largest', 1024) * 1024 * 1024, of('kills', 100)];
  const files = Array.from({ length: count }, (_, i) => ({
    sizeBytes: i === 0 ? largest : Math.ceil(random() ** 3 * largest),
    parallel: random() < 0.5 ? 1 : 4,
  }));
  const arrived = await runUploadWeather({
    seed,
    files,
    chunkBytes: 8 * 1024 * 1024,
    kills,
    atOnce: 2,
    tell: (line) => console.log(line),
  });
  console.log(`
files             ${arrived.files}, each published whole
bytes             ${arrived.bytes}
killed            ${arrived.killed} times
sent again        ${arrived.sentAgain} requests
invariants        hold
took              ${arrived.seconds} s`);
}
