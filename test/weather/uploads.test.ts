import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '../random.ts';
import { runUploadWeather } from './uploads.ts';

const seed = Number(process.env.BUDSTIKKE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const mebibyte = 1024 * 1024;

/** `npm run weather -- --files` runs longer, with larger files and any seed. */
test('given files that tus-js-client uploads in one line and in parallel, when the server is killed in the middle, then nothing acknowledged is lost and each is published whole', {
  timeout: 240_000,
}, async () => {
  tell(`BUDSTIKKE_TEST_SEED=${seed}`);
  const random = randomFrom(seed);
  const size = (most: number) => Math.floor(mebibyte + random() * (most - 1) * mebibyte);

  const { files, killed } = await runUploadWeather({
    seed,
    files: [
      { sizeBytes: size(32), parallel: 1 },
      { sizeBytes: size(64), parallel: 4 },
    ],
    chunkBytes: 2 * mebibyte,
    kills: 3,
    atOnce: 2,
    tell,
  });

  assert.deepEqual([files, killed], [2, 3]);
});
