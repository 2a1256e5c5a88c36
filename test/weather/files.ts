import { parseArgs } from 'node:util';
import { pieceOf, planUploads } from './upload-plan.ts';
import { runUploadWeather } from './uploads.ts';

const help = `npm run weather:files -- [options]

Uploads files by tus-js-client while the server is killed with -9, and checks that nothing that was acknowledged has to come again, that
each file is published whole, and that no byte is left behind. Files lie nowhere before they are sent, so that a disk must hold those
under way, once.

  --seed <n>      repeat a run; without it a number is drawn and printed
  --kills <n>     how often the server is killed, spread over all files (100)
  --files <n>     how many files (20)
  --largest <n>   mebibytes of the first, which is the largest; the others are mostly small (1024; 20480 takes its time)
  --from <n>      begin with this file of the seed, counted from 0: a run may be done in pieces, which have the same files and kills
  --upto <n>      end before this file
  --help          this text
`;

const number = { type: 'string' } as const;
const { values } = parseArgs({
  options: { seed: number, kills: number, files: number, largest: number, from: number, upto: number, help: { type: 'boolean' } },
});
if (values.help) {
  console.log(help);
} else {
  const of = (name: Exclude<keyof typeof values, 'help'>, usual: number, least = 0): number => {
    const value = Number(values[name] ?? usual);
    if (Number.isInteger(value) && value >= least) return value;
    console.error(`--${name} must be a whole number from ${least} up.\n\n${help}`);
    process.exit(2);
  };
  const seed = of('seed', Math.floor(Math.random() * 2 ** 31));
  const [files, kills, largest] = [of('files', 20, 1), of('kills', 100), of('largest', 1024, 1)];
  const [from, upTo] = [of('from', 0), of('upto', files, 1)];
  console.log(`seed ${seed}, ${files} files, ${kills} kills, ${largest} MiB the largest; files ${from} to ${upTo - 1}`);
  const mebibyte = 1024 * 1024;
  const plan = planUploads({ seed, files, kills, leastBytes: 1, mostBytes: largest * mebibyte, chunkBytes: 8 * mebibyte });
  const piece = pieceOf(plan, from, upTo);
  const arrived = await runUploadWeather({ ...piece, atOnce: 2, tell: (line) => console.log(`${new Date().toISOString()} ${line}`) });
  console.log(`
seed              ${seed}, files ${from} to ${upTo - 1} of ${files}
files             ${arrived.files}, each published whole
bytes             ${arrived.bytes}
killed            ${arrived.killed} times
sent again        ${arrived.sentAgain} requests
left behind       nothing
invariants        hold
took              ${arrived.seconds} s`);
}
