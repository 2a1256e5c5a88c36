import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, pieceOf, planUploads } from './upload-plan.ts';
import { runUploadWeather } from './uploads.ts';

const seed = Number(process.env.BUDSTIKKE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const mebibyte = 1024 * 1024;

/** `npm run weather:files` has more kills, larger files and any seed. */
test('given files of 1 to 64 MiB that tus-js-client uploads in one line and in parallel, when the server is killed twenty times, then nothing acknowledged is lost, each is published whole, and no byte is left behind', async () => {
  tell(`BUDSTIKKE_TEST_SEED=${seed}`);
  const plan = planUploads({ seed, files: 5, kills: 20, leastBytes: mebibyte, mostBytes: 64 * mebibyte, chunkBytes: mebibyte });

  const { files, killed } = await runUploadWeather({ ...plan, atOnce: 2, tell });

  assert.deepEqual([files, killed], [5, 20]);
});

test('given a plan of a seed, when it is done in pieces, then they have its files and kills together, each kill within its piece', () => {
  const plan = planUploads({ seed, files: 20, kills: 100, leastBytes: 1, mostBytes: 1024 * mebibyte, chunkBytes: mebibyte });
  const pieces = [pieceOf(plan, 0, 1), pieceOf(plan, 1, 7), pieceOf(plan, 7, 20)];

  assert.deepEqual(
    pieces.flatMap(({ files }) => files),
    plan.files,
  );
  assert.deepEqual(
    pieces.flatMap(({ kills }) => kills.map(({ pauseMillis }) => pauseMillis)),
    plan.kills.map(({ pauseMillis }) => pauseMillis),
  );
  for (const { files, kills } of pieces) assert.ok(kills.every(({ afterBytes }) => afterBytes >= 0 && afterBytes < bytesOf(files)));
});
