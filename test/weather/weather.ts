import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../demo/client.ts';
import { pick, randomFrom } from '../random.ts';
import { buildEstate, type Estate, type Size, type Target } from './estate.ts';
import { checkAfter } from './findings.ts';
import { type Letter, sendLetters } from './senders.ts';
import { tokensOf } from './town.ts';

export interface Weather extends Size {
  /** The same seed makes the same letters and the same kills; what happens between them is the machine's. */
  readonly seed: number;
  readonly sends: number;
  readonly kills: number;
  readonly tell?: (line: string) => void;
}

export interface Survived {
  readonly sent: number;
  /** Of them answered 200; the others were looked up by their key, since the answer was lost. */
  readonly acknowledged: number;
  readonly opened: number;
  readonly killed: Readonly<Record<Target, number>>;
  /** Sent again after a death between the mail server's answer and our commit. */
  readonly doubleNotices: number;
  readonly seconds: number;
}

const callersAtOnce = 8;

/**
 * Sends letters while servers, workers and the database are killed with -9, spread over the run, and checks what is left: nothing that was
 * answered 200 is lost or doubled, every letter is whole, every notice went, and twice only in the one window.
 * Throws at the first thing that is not so.
 */
export async function runWeather(weather: Weather): Promise<Survived> {
  const begun = Date.now();
  const estate = await buildEstate(weather);
  try {
    return { ...(await survive(estate, weather)), seconds: Math.round((Date.now() - begun) / 1000) };
  } finally {
    await estate.stop();
  }
}

async function survive(estate: Estate, { seed, sends, kills, tell }: Weather): Promise<Omit<Survived, 'seconds'>> {
  const random = randomFrom(seed);
  const reference = `weather-${seed}`;
  const tokens = await tokensOf(createClient(estate.addresses[0]!));
  const letters: Letter[] = [];
  const killed = { api: 0, worker: 0, database: 0 };
  const killedAt: Date[] = [];
  let sent = 0;

  /** One kill after every so many letters, with half of the callers waiting for an answer. */
  const storm = async (): Promise<void> => {
    for (let n = 1; n <= kills; n += 1) {
      while (sent < (n * sends) / (kills + 1) - callersAtOnce / 2) await sleep(10);
      await sleep(random() * 150);
      const target = pick<Target>(random, ['api', 'worker', 'database']);
      killed[target] += 1;
      killedAt.push(new Date());
      await estate.kill(target, Math.floor(random() * 8));
      tell?.(`${n} of ${kills}: ${target} killed after ${sent} letters`);
      // Whatever was killed lives again before the next one dies: a system of which everything is dead at once sends nothing.
      await estate.allUp();
    }
  };
  const onSent = (): void => {
    sent += 1;
  };
  /** Letters keep step with the kills, so that each kill meets some that are under way. */
  const untilDue = async (): Promise<boolean> => {
    while (letters.length >= ((killedAt.length + 1) * sends) / (kills + 1)) {
      if (letters.length >= sends) return false;
      await sleep(10);
    }
    return true;
  };
  const options = { addresses: estate.addresses, tokens, reference, random, onSent };
  const sending = Array.from({ length: callersAtOnce }, () => sendLetters(options, letters, untilDue));
  await Promise.all([storm(), ...sending]);
  await estate.allUp();

  await mailsAtRest(estate);
  await estate.endLeases();
  tell?.(`the weather is over; ${letters.length} letters are checked`);
  const { doubleNotices } = await checkAfter({
    address: estate.addresses[0]!,
    tokens,
    reference,
    letters,
    mails: estate.mails.mails,
    kills: killedAt,
  });
  return {
    sent: letters.length,
    acknowledged: letters.filter(({ acknowledged }) => acknowledged).length,
    opened: letters.filter(({ opened }) => opened === 'yes').length,
    killed,
    doubleNotices,
  };
}

async function mailsAtRest({ mails }: Estate): Promise<void> {
  for (let before = -1; before < mails.mails.length; ) {
    before = mails.mails.length;
    await sleep(3000);
  }
}
