import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runHardWeather } from './hard-weather.ts';

const seed = Number(process.env.BUDSTIKKE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const tell = (line: string): void => void process.stdout.write(`${line}\n`);

/** `npm run weather:ladder` plays two weeks in small steps, for any number of seeds. */
test('given ladders and two workers, when workers are killed, the mail gateway is gone for two days and the database is restarted, then no step is taken twice or left out, and none is late for a minute', async () => {
  tell(`BUDSTIKKE_TEST_SEED=${seed}`);

  const weathered = await runHardWeather({
    seed,
    letters: 15,
    squalls: [
      { hours: 160, kills: 0, gateway: 'down' },
      { hours: 24, kills: 1 },
      { hours: 24, kills: 0, gateway: 'up', restartsDatabase: true },
      { hours: 130, kills: 1 },
    ],
    tell,
  });

  assert.ok(weathered.steps > 15 * 3 && weathered.notices > 15, JSON.stringify(weathered));
  assert.ok(weathered.driftSeconds < 60 && weathered.calmDriftSeconds < 60, JSON.stringify(weathered));
});
