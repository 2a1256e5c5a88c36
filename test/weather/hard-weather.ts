import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, organizationUrn, personUrn } from '../../demo/client.ts';
import { advanceClock, invariantsOf } from '../../demo/own-api.ts';
import { inTurns } from '../in-turns.ts';
import { pick, randomFrom } from '../random.ts';
import { type Books, openBooks } from './books.ts';
import { buildEstate, type Estate } from './estate.ts';
import { checkLadders, type Ladders } from './ladder-findings.ts';
import { callersOf, citizens, directorate, ladderTown, municipalities, services } from './ladder-town.ts';

const api = '/correspondence/api/v1/correspondence';

/** Hours by which the clock moves at once, and what goes wrong meanwhile. */
export interface Squall {
  readonly hours: number;
  /** Workers killed with -9 while what has fallen due is done. */
  readonly kills: number;
  readonly gateway?: 'down' | 'up';
  readonly restartsDatabase?: boolean;
}

export interface HardWeather {
  /** The same seed makes the same letters, kills and readers; what happens between them is the machine's. */
  readonly seed: number;
  readonly letters: number;
  readonly squalls: readonly Squall[];
  readonly tell?: (line: string) => void;
}

export interface Weathered extends Ladders {
  readonly letters: number;
  readonly opened: number;
  readonly kills: number;
  readonly restarts: number;
  /** The longest that a ladder was behind, from when everything lived again until no watch was late with its next action. */
  readonly driftSeconds: number;
  /** How late a step was taken at most in the calm week after. */
  readonly calmDriftSeconds: number;
  readonly seconds: number;
}

const mostDriftSeconds = 60;

/**
 * Two weeks of ladders with two workers on one database, in which workers are killed, the mail gateway is gone for two days, and the
 * database is restarted. After each squall no watch may be late for a minute, and all invariants hold; at the end no step was taken twice
 * and none was left out, and each notice has gone, once. Throws at the first thing that is not so.
 */
export async function runHardWeather({ seed, letters: count, squalls, tell }: HardWeather): Promise<Weathered> {
  const begun = Date.now();
  const random = randomFrom(seed);
  const estate = await buildEstate({ apis: 1, workers: 2 }, ladderTown);
  const books = openBooks(estate.databaseUrl);
  try {
    const callers = await callersOf(createClient(estate.addresses[0]!));
    const stage: Stage = { estate, books, callers, random, letters: [], deaths: [] };
    await sendAll(stage, count);
    await settle(stage);
    let driftSeconds = 0;
    for (const [i, squall] of squalls.entries()) {
      const drift = await weather(stage, squall);
      driftSeconds = Math.max(driftSeconds, drift);
      tell?.(`${i + 1} of ${squalls.length}: ${squall.hours} h on, ${saidOf(squall)}; nothing is late after ${drift.toFixed(1)} s`);
      await act(stage);
    }
    await settle(stage);
    const calm = await calmWeek(stage);
    const ladders = await checkLadders({ books, mails: estate.mails.mails, deaths: stage.deaths, letters: stage.letters });
    return {
      ...ladders,
      letters: stage.letters.length,
      opened: stage.letters.filter(({ isOpened }) => isOpened).length,
      kills: squalls.reduce((sum, { kills }) => sum + kills, 0),
      restarts: squalls.filter(({ restartsDatabase }) => restartsDatabase).length,
      driftSeconds,
      calmDriftSeconds: calm,
      seconds: Math.round((Date.now() - begun) / 1000),
    };
  } finally {
    await books.close();
    await estate.stop();
  }
}

const saidOf = ({ kills, gateway, restartsDatabase }: Squall): string =>
  [kills > 0 ? `${kills} killed` : '', gateway ? `the gateway ${gateway}` : '', restartsDatabase ? 'the database restarted' : '']
    .filter(Boolean)
    .join(', ') || 'calm';

export interface SentLetter {
  readonly id: string;
  /** A citizen's, or that of a municipality where nobody may open. */
  readonly recipient: string;
  readonly isSealed: boolean;
  isOpened: boolean;
}

interface Stage {
  readonly estate: Estate;
  readonly books: Books;
  readonly callers: Awaited<ReturnType<typeof callersOf>>;
  readonly random: () => number;
  readonly letters: SentLetter[];
  /** When a worker died, or the gateway went: in between a mail may have been taken, and nobody have heard of it. */
  readonly deaths: Date[];
}

const callerOf = ({ callers }: Stage, number: string) => callers.get(number)!;

async function sendAll(stage: Stage, count: number): Promise<void> {
  const planned = Array.from({ length: count }, () => {
    const isSealed = stage.random() < 0.3;
    return { isSealed, recipient: isSealed ? pick(stage.random, municipalities).number : pick(stage.random, citizens).number };
  });
  await inTurns(planned, async ({ isSealed, recipient }) => {
    const answer = await callerOf(stage, directorate).post(api, {
      recipients: [isSealed ? organizationUrn(recipient) : personUrn(recipient)],
      correspondence: {
        resourceId: isSealed ? services.sealed : services.open,
        sendersReference: 'hard-weather',
        isConfidential: isSealed,
        content: { language: 'nb', messageTitle: 'Brev', messageBody: 'Et brev midt i et uvær.' },
      },
    });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    const [sent] = answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences;
    stage.letters.push({ id: sent!.correspondenceId, recipient, isSealed, isOpened: false });
  });
}

/** Lets the clock jump, and kills in the middle of what has fallen due by it. Answers for how many seconds watches were late afterwards. */
async function weather({ estate, books, random, deaths }: Stage, { hours, kills, gateway, restartsDatabase }: Squall): Promise<number> {
  if (gateway === 'down') {
    deaths.push(new Date());
    await estate.gateway.down();
  }
  if (gateway === 'up') await estate.gateway.up();
  await books.jump(hours);
  const restartAfter = random() * kills;
  for (let n = 0; n < kills; n += 1) {
    await sleep(random() * 700);
    deaths.push(new Date());
    await estate.kill('worker', Math.floor(random() * 2));
    if (restartsDatabase && n >= Math.floor(restartAfter)) {
      estate.restartDatabase();
      restartsDatabase = false;
    }
  }
  if (restartsDatabase) estate.restartDatabase();
  await estate.allUp();
  const recovered = Date.now();
  await books.until('no watch is late with its next action', 'late', mostDriftSeconds);
  return (Date.now() - recovered) / 1000;
}

/** Until nothing is due any more, and every invariant holds. What a dead worker was handing over is free when its lease has ended. */
async function settle(stage: Stage): Promise<void> {
  await stage.books.until('nothing is due', 'due', 150);
  const [nobody, sender] = [createClient(stage.estate.addresses[0]!), callerOf(stage, directorate)];
  await advanceClock(nobody, 'PT1S'); // by which the server that answers learns what time it is
  const { holds, invariants } = await invariantsOf(sender);
  assert.ok(holds && invariants.length > 0, JSON.stringify(invariants.filter((one) => !one.holds)));
}

/** Some who were told open their letter; some directors let somebody in, who opens. */
async function act(stage: Stage): Promise<void> {
  await settle(stage);
  const chosen = stage.letters.filter(({ isOpened }) => !isOpened && stage.random() < 0.06);
  await inTurns(chosen, async (letter) => {
    const municipality = municipalities.find(({ number }) => number === letter.recipient);
    if (municipality) {
      const { number: to, lastName } = municipality.worker;
      const path = `/budstikke/v1/sealed/${letter.id}/grant`;
      const granted = await callerOf(stage, municipality.director.number).post(path, { what: 'message', to, lastName });
      assert.equal(granted.status, 200, granted.text.slice(0, 300));
    }
    const reader = callerOf(stage, municipality?.worker.number ?? letter.recipient);
    const content = await reader.get(`${api}/${letter.id}/content`);
    assert.equal(content.status, 200, content.text.slice(0, 300));
    letter.isOpened = true;
  });
}

/** A week in which nothing goes wrong, from due time to due time. Answers by how many seconds a step was late at most. */
async function calmWeek(stage: Stage): Promise<number> {
  const from = await stage.books.now();
  await advanceClock(createClient(stage.estate.addresses[0]!), 'P7D');
  await settle(stage);
  const late = await stage.books.lateness(from);
  assert.ok(late.steps > 0, 'no step has fallen due in the calm week');
  assert.ok(late.seconds < mostDriftSeconds, `a step was taken ${late.seconds} s late in calm weather`);
  return late.seconds;
}
