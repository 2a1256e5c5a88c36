import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runWeather } from './weather.ts';

const seed = Number(process.env.BUDSTIKKE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const tell = (line: string): void => void process.stdout.write(`${line}\n`);

/** `npm run weather` runs longer and with any seed. */
test('given two servers and two workers on one database, when twenty of them and of it are killed while letters are sent, then nothing is lost or doubled', async () => {
  tell(`BUDSTIKKE_TEST_SEED=${seed}`);

  const { sent, killed } = await runWeather({ seed, sends: 200, kills: 20, apis: 2, workers: 2, tell });

  assert.equal(sent, 200);
  assert.equal(killed.api + killed.worker + killed.database, 20);
});
